"""Time that every process on the machine understands."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from eventroute.clock import SystemClock

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["Moments"]


class Moments:
    """The moments that the file holds.

    They must mean the same to another process and after a restart, which a monotonic clock does
    not: in place of a `SystemClock` they are seconds since 1970. Of any other clock, such as that
    of a test, they are its own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_day = isinstance(clock, SystemClock)

    def now(self) -> float:
        """The moment that it is. Called in any thread."""
        return time() if self._of_day else self._clock.now()

    def on_clock(self, moment: float) -> float:
        """What the adapter's clock reads at a moment of the file."""
        return self._clock.now() + (moment - time()) if self._of_day else moment
