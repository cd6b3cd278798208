"""When a failed attempt is made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from random import Random

__all__ = ["Retry"]


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with full jitter, and a last attempt.

    The delay before attempt ``n + 1`` is drawn evenly between 0 and
    ``min(longest, first * factor ** (n - 1))`` seconds, so that events which failed together
    do not come back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

    :ivar attempts: attempts in all, at least 1; after the last one the event is dead-lettered.
    :ivar first: bound of the first delay, in seconds.
    :ivar factor: growth of the bound from one attempt to the next.
    :ivar longest: bound of every delay, in seconds.
    :ivar jitter: ``False`` waits the bound itself.
    """

    attempts: int = 5
    first: float = 1.0
    factor: float = 2.0
    longest: float = 300.0
    jitter: bool = True

    def __post_init__(self) -> None:
        for name, lowest in (("attempts", 1), ("first", 0), ("factor", 1), ("longest", 0)):
            value = getattr(self, name)
            number = isinstance(value, int if name == "attempts" else int | float)
            if not number or isinstance(value, bool) or not value >= lowest:
                kind = "a whole number" if name == "attempts" else "a number"
                raise DeclarationError(f"Retry({name}={value!r}): must be {kind} from {lowest}")

    def delay(self, attempt: int, random: Random) -> float | None:
        """Seconds to wait after this attempt failed; ``None`` when it was the last.

        :param attempt: number of the attempt that failed, from 1.
        """
        if attempt >= self.attempts:
            return None
        try:
            bound = min(self.longest, self.first * self.factor ** (attempt - 1))
        except OverflowError:
            bound = self.longest
        return random.uniform(0.0, bound) if self.jitter else bound
