"""When a failed attempt is made again."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import isclass
from math import inf
from typing import TYPE_CHECKING, Self

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
    :ivar max_age: seconds since its publication after which an event is attempted no more, not
        even once; ``None`` is unlimited.
    :ivar retry_on: the errors that are tried again; all others dead-letter the event at once.
    :ivar dead_letter_on: errors that dead-letter the event at once, also where ``retry_on`` has
        them.
    """

    attempts: int = 5
    first: float = 1.0
    factor: float = 2.0
    longest: float = 300.0
    jitter: bool = True
    max_age: float | None = None
    retry_on: tuple[type[Exception], ...] = (Exception,)
    dead_letter_on: tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        for name, lowest in (("attempts", 1), ("first", 0), ("factor", 1), ("longest", 0)):
            value = getattr(self, name)
            number = isinstance(value, int if name == "attempts" else int | float)
            if not number or isinstance(value, bool) or not value >= lowest:
                kind = "a whole number" if name == "attempts" else "a number"
                raise DeclarationError(f"Retry({name}={value!r}): must be {kind} from {lowest}")
        if self.max_age is not None and (
            isinstance(self.max_age, bool)
            or not isinstance(self.max_age, int | float)
            or not 0 < self.max_age < inf
        ):
            raise DeclarationError(
                f"Retry(max_age={self.max_age!r}): must be seconds, more than 0, or None"
            )
        for name in ("retry_on", "dead_letter_on"):
            kinds = getattr(self, name)
            if not isinstance(kinds, tuple) or not all(
                isclass(kind) and issubclass(kind, Exception) for kind in kinds
            ):
                raise DeclarationError(
                    f"Retry({name}={kinds!r}): must be a tuple of exception classes, "
                    "such as (ConnectionError,)"
                )
        both = [kind.__name__ for kind in self.retry_on if kind in self.dead_letter_on]
        if both:
            raise DeclarationError(
                f"Retry: {', '.join(both)} is in retry_on and in dead_letter_on; drop it from one"
            )

    @classmethod
    def fixed(
        cls,
        seconds: float,
        *,
        attempts: int = 5,
        max_age: float | None = None,
        retry_on: tuple[type[Exception], ...] = (Exception,),
        dead_letter_on: tuple[type[Exception], ...] = (),
    ) -> Self:
        """Wait the same time before every attempt."""
        return cls(
            attempts,
            first=seconds,
            factor=1.0,
            longest=seconds,
            jitter=False,
            max_age=max_age,
            retry_on=retry_on,
            dead_letter_on=dead_letter_on,
        )

    @classmethod
    def none(cls) -> Self:
        """Make one attempt; an event that fails is dead-lettered."""
        return cls(attempts=1)

    @property
    def longest_delay(self) -> float:
        """Bound of what it waits, in seconds."""
        return 0.0 if self.attempts == 1 else self.longest

    def tries_again(self, error: BaseException) -> bool:
        """Whether an error is worth another attempt, as long as there are some left."""
        if isinstance(error, self.dead_letter_on):
            return False
        # What is no Exception is the end of a task of the handler's own, which escaped.
        return isinstance(error, self.retry_on) or not isinstance(error, Exception)

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
