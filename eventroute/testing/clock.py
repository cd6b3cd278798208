"""A clock that moves only when told to."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

import anyio
import anyio.lowlevel

__all__ = ["SteppingClock", "VirtualClock"]


class VirtualClock:
    """Delays and leases pass at once, in their order, when :meth:`advance_to` moves the time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._alarms: list[tuple[float, int, anyio.Event]] = []
        self._numbers = count()

    def now(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._now

    def wall(self) -> float:
        """The same: its time began in 1970."""
        return self._now

    async def wait(self, event: anyio.Event, until: float | None) -> None:
        """See :class:`eventroute.clock.Clock`."""
        if until is not None:
            if until <= self._now:
                return
            self._remember(until, event)
        await event.wait()

    async def sleep(self, seconds: float) -> None:
        """See :class:`eventroute.clock.Clock`."""
        await self.wait(anyio.Event(), self._now + seconds)

    def advance_to(self, moment: float) -> None:
        """Move the time forward and wake everything that waited for a moment until then."""
        self._now = max(self._now, moment)
        while self._alarms and self._alarms[0][0] <= self._now:
            heappop(self._alarms)[2].set()

    def next_alarm(self) -> float | None:
        """The first moment that somebody waits for."""
        while self._alarms and self._alarms[0][2].is_set():
            heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def _remember(self, until: float, event: anyio.Event) -> None:
        if len(self._alarms) > 1_000:  # most of them rang for another reason, long ago
            self._alarms = [alarm for alarm in self._alarms if not alarm[2].is_set()]
            heapify(self._alarms)
        heappush(self._alarms, (until, next(self._numbers), event))


class SteppingClock:
    """A virtual clock as the test itself uses it: to sleep moves the time, as nobody else does."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def now(self) -> float:
        """See :class:`eventroute.clock.Clock`."""
        return self._clock.now()

    def wall(self) -> float:
        """See :class:`eventroute.clock.Clock`."""
        return self._clock.wall()

    async def wait(self, event: anyio.Event, until: float | None) -> None:
        """See :class:`eventroute.clock.Clock`."""
        await self._clock.wait(event, until)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass, second by second, for everybody who waits for it."""
        end = self._clock.now() + seconds
        while self._clock.now() < end:
            self._clock.advance_to(min(end, self._clock.now() + 1.0))
            await anyio.lowlevel.checkpoint()
