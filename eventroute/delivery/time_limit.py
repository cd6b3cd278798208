"""Ends what takes too long, by a clock that tests move."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import anyio

from eventroute.delivery.giving_way import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from eventroute.clock import Clock

__all__ = ["within"]


async def within(
    seconds: float, clock: Clock, call: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    """Await a call, and cancel it after this many seconds.

    :raises TimeoutError: it took longer, whatever it did when it was cancelled.
    """
    expired = False
    error: BaseException | None = None

    async def expire() -> None:
        nonlocal expired
        await clock.sleep(seconds)
        expired = True
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        # What returns without giving way to others needs no task beside it.
        watch = Watch(lambda: group.start_soon(expire))
        watch.is_on = True
        try:
            await watch.run(call())
        except anyio.get_cancelled_exc_class() as raised:
            if anyio.current_effective_deadline() == -inf:
                raise
            error = raised  # the end of a task of the call's own, which escaped
        except BaseException as raised:  # the group would wrap it
            error = raised
        group.cancel_scope.cancel()
    if expired:
        raise TimeoutError(f"the handler took longer than {seconds:g} s") from error
    if error is not None:
        raise error
