"""Listening to a backend for a while, beside the application that runs on it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import anyio

from eventroute.bus import EventBus
from eventroute.discovery import EVERYTHING, Discovery

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.pattern import Pattern
    from eventroute.port import Adapter
    from eventroute.registry import Inference

__all__ = ["listen"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def listen(
    adapter: Adapter,
    inference: Inference,
    where: Pattern | None = None,
    *,
    count: int | None = None,
    seconds: float | None = None,
    ready: Callable[[], None] = lambda: None,
) -> int:
    """Infer from what is published from now on, until a signal comes; tell how many events came.

    What the backend has of other subscriptions is not touched. The queue that this one needs is
    deleted at the end, also of a run that fails.

    :param count: end after so many events.
    :param seconds: end after so long.
    :param ready: is called when every later event will be seen.
    """
    came = 0

    def note() -> None:
        nonlocal came
        came += 1
        if came == count:
            listener.stop()

    discovery = Discovery(
        EVERYTHING if where is None else where, inference=inference, on_event=note
    )
    # One at a time, so that the last of `count` events is the last that is looked at.
    listener = EventBus(lambda options, clock: adapter, concurrency=1)  # noqa: ARG005  named by the port
    listener.include(discovery.router)

    async def stop_later() -> None:
        if seconds is not None:
            await anyio.sleep(seconds)
            listener.stop()

    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async with anyio.create_task_group() as around:

            async def stop_on_signals() -> None:
                async for _ in signals:
                    listener.stop()

            around.start_soon(stop_on_signals)
            async with listener:
                try:
                    ready()
                    around.start_soon(stop_later)
                    await listener.run(handle_signals=False)
                finally:
                    with anyio.CancelScope(shield=True):
                        await listener.remove(Discovery.SUBSCRIPTION, drop=True)
            around.cancel_scope.cancel()
    return came
