"""Time that several processes, and the next start of this one, understand."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from eventroute.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.clock import Clock

__all__ = ["wall_time"]


def wall_time(clock: Clock) -> Callable[[], float]:
    """Seconds since 1970, which pass as they do on ``clock``."""
    if isinstance(clock, SystemClock):
        return time  # a monotonic clock may stand still while the machine sleeps
    start = time() - clock.now()
    return lambda: start + clock.now()
