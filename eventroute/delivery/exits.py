"""What is left to clean up once an event is settled."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.delivery.report import logger
from eventroute.delivery.verdict import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Delivery

__all__ = ["Exits"]

CLEAN_UP: Final = 30.0
"""Seconds that the clean-up after one event may take, also when the worker is cancelled."""


SETTLING: Final = 30.0
"""Seconds to wait for an event to be settled; a backend that does not answer loses it earlier."""


@dataclass(slots=True)
class _Exit:
    unsettled: set[int]
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    error: BaseException | None = None
    settled: anyio.Event = field(default_factory=anyio.Event)
    done: anyio.Event = field(default_factory=anyio.Event)


class Exits:
    """The dependencies that are open, by the deliveries that they were made for."""

    def __init__(self) -> None:
        self._open: dict[int, _Exit] = {}

    def of(self, deliveries: Sequence[Delivery]) -> AsyncExitStack:
        """Where to put what is to be cleaned up after these deliveries of one call."""
        one = self._open.get(id(deliveries[0]))
        if one is None:
            one = _Exit({id(delivery) for delivery in deliveries})
            self._open.update(dict.fromkeys(one.unsettled, one))
        return one.stack

    def has(self, deliveries: Sequence[Delivery]) -> bool:
        """Whether anything is to be cleaned up after these."""
        return any(id(delivery) in self._open for delivery in deliveries)

    def failed(self, delivery: Delivery, error: BaseException) -> None:
        """Tell the clean-up what the attempt raised."""
        one = self._open.get(id(delivery))
        if one is not None:
            one.error = error

    def settled(self, delivery: Delivery) -> None:
        """The backend has said what became of it."""
        one = self._open.get(id(delivery))
        if one is not None:
            one.unsettled.discard(id(delivery))
            if not one.unsettled:
                one.settled.set()

    async def close(self, deliveries: Sequence[Delivery]) -> None:
        """Clean up once the deliveries are settled, in the task that made the attempt."""
        found = [self._open.get(id(delivery)) for delivery in deliveries]
        one = next((exit_ for exit_ in found if exit_ is not None), None)
        if one is None:
            return
        try:
            with anyio.move_on_after(SETTLING, shield=True):
                await one.settled.wait()
            await self._clean_up(one, deliveries[0])
        finally:
            for delivery in deliveries:
                self._open.pop(id(delivery), None)
            one.done.set()

    async def _clean_up(self, one: _Exit, delivery: Delivery) -> None:
        error = one.error
        kind = type(error) if error is not None else None
        traceback = readable(error).__traceback__ if error is not None else None
        try:
            with anyio.fail_after(CLEAN_UP, shield=True):
                await one.stack.__aexit__(kind, error, traceback)
        except (Exception, SystemExit, GeneratorExit) as raised:
            if raised is not error:
                logger.exception(
                    "%s: the clean-up after event %s failed; the event is settled all the same",
                    delivery.subscription,
                    delivery.event.id,
                )

    async def closed(self) -> bool:
        """Wait until nothing is left to clean up; say whether there was anything."""
        waited = bool(self._open)
        while self._open:
            await next(iter(self._open.values())).done.wait()
        return waited
