"""What is left to clean up once an event is settled."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.delivery.report import logger

if TYPE_CHECKING:
    from eventroute.port import Delivery

__all__ = ["Exits"]

CLEAN_UP: Final = 30.0
"""Seconds that the clean-up after one event may take, also when the worker is cancelled."""


@dataclass(slots=True)
class _Exit:
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    error: BaseException | None = None
    done: anyio.Event = field(default_factory=anyio.Event)


class Exits:
    """The dependencies that are open, by the delivery that they were made for."""

    def __init__(self) -> None:
        self._open: dict[int, _Exit] = {}

    def of(self, delivery: Delivery) -> AsyncExitStack:
        """Where to put what is to be cleaned up after this delivery."""
        return self._open.setdefault(id(delivery), _Exit()).stack

    def failed(self, delivery: Delivery, error: BaseException) -> None:
        """Tell the clean-up what the attempt raised."""
        if id(delivery) in self._open:
            self._open[id(delivery)].error = error

    async def close(self, delivery: Delivery) -> None:
        """Clean up after a delivery that is settled, in the task that made the attempt."""
        one = self._open.get(id(delivery))
        if one is None:
            return
        error = one.error
        try:
            with anyio.fail_after(CLEAN_UP, shield=True):
                await one.stack.__aexit__(
                    type(error) if error is not None else None,
                    error,
                    error.__traceback__ if error is not None else None,
                )
        except Exception as raised:
            if raised is not error:
                logger.exception(
                    "%s: the clean-up after event %s failed; the event is settled all the same",
                    delivery.subscription,
                    delivery.event.id,
                )
        finally:
            del self._open[id(delivery)]
            one.done.set()

    async def closed(self) -> bool:
        """Wait until nothing is left to clean up; say whether there was anything."""
        waited = bool(self._open)
        while self._open:
            await next(iter(self._open.values())).done.wait()
        return waited
