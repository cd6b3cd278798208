"""The plan: which faults, how often, from which seed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from math import isfinite
from typing import Self

from eventroute.errors import DeclarationError

__all__ = ["FaultKind", "Faults"]


class FaultKind(Enum):
    """What can go wrong."""

    FAIL_PUBLISH = "fail_publish"
    """An event is not taken, and the publisher is told so: ``AdapterError``."""

    DROP_ANSWER = "drop_answer"
    """An event is taken, and nobody is told: ``OutcomeUnknownError``."""

    FAIL_RECEIVE = "fail_receive"
    """The backend does not answer a worker that asks for events."""

    DELAY = "delay"
    """A delivery comes later."""

    REORDER = "reorder"
    """A delivery is overtaken by others; never by one with the same ordering key."""

    DUPLICATE = "duplicate"
    """An event that was acknowledged is delivered again."""

    EXPIRE_LEASE = "expire_lease"
    """The handler ran, but its lease had ended: the event comes back as another attempt."""

    CRASH = "crash"
    """The handler ran, then its worker died: the event comes back when the lease ends."""

    DEAD_LETTER_DOWN = "dead_letter_down"
    """The dead-letter queue takes no letter: the event stays in its queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How likely each fault is, each time it could happen: from 0 for never to 1.

    Whether one happens follows from the seed, the kind, the subscription, the content of the event
    and how often that event was there before; not from the order in which tasks run.

    :ivar seed: another seed is another run; the same seed is the same run.
    :ivar most: how often the same fault hits the same event in the same subscription, or, for
        `fail_receive`, in a row. So every run comes to an end, even with a chance of 1.
    :ivar longest_delay: of a delayed delivery, in seconds.
    :raises DeclarationError: a number that cannot be meant.
    """

    seed: int = 0
    fail_publish: float = 0.0
    drop_answer: float = 0.0
    fail_receive: float = 0.0
    delay: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    expire_lease: float = 0.0
    crash: float = 0.0
    dead_letter_down: float = 0.0
    most: int = 2
    longest_delay: float = 60.0

    def __post_init__(self) -> None:
        for kind in FaultKind:
            chance = self.chance(kind)
            if not isinstance(chance, int | float) or not 0 <= chance <= 1:
                raise DeclarationError(f"Faults({kind.value}={chance!r}): must be from 0 to 1")
        for name, value in (("seed", self.seed), ("most", self.most)):
            if not isinstance(value, int) or isinstance(value, bool):
                raise DeclarationError(f"Faults({name}={value!r}): must be a whole number")
        if self.most < 1:
            raise DeclarationError(f"Faults(most={self.most!r}): must be 1 or more")
        if not (isfinite(self.longest_delay) and self.longest_delay > 0):
            raise DeclarationError(
                f"Faults(longest_delay={self.longest_delay!r}): must be seconds, over 0"
            )

    @classmethod
    def after_publish(cls, chance: float, *, seed: int = 0) -> Self:
        """Every fault that an application must survive without its publishers noticing."""
        return cls(
            seed=seed,
            fail_receive=chance,
            delay=chance,
            reorder=chance,
            duplicate=chance,
            expire_lease=chance,
            crash=chance,
            dead_letter_down=chance,
        )

    def chance(self, kind: FaultKind) -> float:
        """How likely a fault is."""
        chance: float = getattr(self, kind.value)
        return chance

    def __str__(self) -> str:
        """Python that makes the same plan."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        changed = {
            one.name: said[one.name]
            for one in fields(self)
            if one.name == "seed" or said[one.name] != one.default
        }
        return f"Faults({', '.join(f'{name}={value!r}' for name, value in changed.items())})"
