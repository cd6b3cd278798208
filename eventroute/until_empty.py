"""Finds out when no queue of a bus holds an event any more."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.delivery.report import logger
from eventroute.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.delivery import Subscriber
    from eventroute.port import QueueDepth

__all__ = ["UntilEmpty"]

ELSEWHERE: Final = 1.0
"""Seconds after which a queue is asked again that another process may have emptied."""


class UntilEmpty:
    """Asks seldom: a queue is not empty before as many attempts have ended as it held events.

    :param depth: asks the backend what the queue of a subscription holds.
    :param subscribers: whose queues count, whenever they are asked.
    :param lag: seconds that the queues must stay empty, where an event may be on its way to them.
    :param elsewhere: seconds after which a queue is asked in any case.
    """

    def __init__(
        self,
        depth: Callable[[str], Awaitable[QueueDepth]],
        subscribers: Callable[[], Sequence[Subscriber]],
        *,
        lag: float = 0.0,
        elsewhere: float = ELSEWHERE,
    ) -> None:
        self._depth = depth
        self._subscribers = subscribers
        self._lag = lag
        self._elsewhere = elsewhere
        self._place = 0
        self._asked = ""
        self._held = inf
        self._ended = 0
        self._failing = False
        self._changed = False
        self._bell = anyio.Event()

    def ended(self, subscription: str, attempts: int) -> None:
        """Attempts of a subscription have ended."""
        self._changed = True
        if subscription == self._asked:
            self._ended += attempts
            if self._ended >= self._held:
                self._bell.set()

    def look_again(self) -> None:
        """Something else has changed, which may have left a queue empty."""
        self._changed = True
        self._bell.set()

    async def wait(self) -> None:
        """Return once all queues were found empty, one after the other, and nothing changed."""
        stayed_empty = False
        while True:
            self._bell = anyio.Event()
            self._changed = False
            if await self._is_any_busy():
                stayed_empty = False
                with anyio.move_on_after(self._elsewhere):
                    await self._bell.wait()
            elif self._changed:
                stayed_empty = False
            elif stayed_empty or not self._lag:
                return
            else:
                with anyio.move_on_after(self._lag):
                    await self._bell.wait()
                stayed_empty = not self._changed

    async def _is_any_busy(self) -> bool:
        """Ask the queue that was busy before, then those behind it, until one is."""
        subscribers = self._subscribers()
        for step in range(len(subscribers)):
            place = (self._place + step) % len(subscribers)
            self._asked = subscribers[place].subscription.name
            self._held, self._ended = inf, 0
            try:
                depth = await self._depth(self._asked)
            except AdapterError as error:
                if not self._failing:
                    logger.warning("%s: cannot be counted, asked again: %s", self._asked, error)
                self._place, self._failing = place, True
                return True  # who knows
            self._failing = False
            if depth.outstanding:
                self._place, self._held = place, depth.outstanding
                if self._ended >= self._held:  # while the backend counted
                    self._bell.set()
                return True
        return False
