"""How many events a subscription takes in a time."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["RateLimit", "TokenBucket"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``events`` in ``per`` seconds, in one process.

    After a rest as many may come at once; then they come evenly. Every delivery counts, the
    retries too.

    :ivar events: how many, at least 1.
    :ivar per: seconds.
    """

    events: int
    per: float = 1.0

    def __post_init__(self) -> None:
        whole = isinstance(self.events, int) and not isinstance(self.events, bool)
        if not whole or self.events < 1:
            raise DeclarationError(f"RateLimit({self.events!r}): must be a whole number from 1")
        number = isinstance(self.per, int | float) and not isinstance(self.per, bool)
        if not number or not 0 < self.per < inf:
            raise DeclarationError(f"RateLimit(per={self.per!r}): must be seconds, more than 0")


class TokenBucket:
    """A token for each event that may be received now."""

    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._tokens = float(limit.events)
        self._filled = clock.now()

    def available(self) -> int:
        """How many events may be received now."""
        now = self._clock.now()
        more = (now - self._filled) * self._limit.events / self._limit.per
        self._tokens = min(float(self._limit.events), self._tokens + more)
        self._filled = now
        return int(self._tokens + 1e-9)  # what is summed up may fall short of a whole token

    def take(self, events: int) -> None:
        """Count events that were received."""
        self._tokens -= events

    def wait(self) -> float:
        """Seconds until the next token, as of the last :meth:`available`."""
        return max(0.0, (1.0 - self._tokens) * self._limit.per / self._limit.events)
