"""Time that every process on the machine understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["Moments"]


class Moments:
    """The moments that the file holds: seconds since 1970.

    They must mean the same to another process and after a restart, which those of a monotonic
    clock do not.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """The moment that it is. Called in any thread."""
        return self._clock.wall()

    def on_clock(self, moment: float) -> float:
        """What the adapter's clock reads at a moment of the file."""
        return moment - (self._clock.wall() - self._clock.now())
