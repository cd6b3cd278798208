"""What became of each attempt: for counters, logs and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from eventroute.port import Delivery

__all__ = ["Counts", "Observer", "Outcome", "OutcomeKind"]


class OutcomeKind(Enum):
    """How an attempt ended."""

    HANDLED = "handled"
    """The handler returned and the event was acknowledged."""

    RETRIED = "retried"
    """The handler raised; the event will be delivered again."""

    DEAD_LETTERED = "dead-lettered"
    """The event went to the dead-letter queue."""

    DUPLICATE = "duplicate"
    """The event was handled before; no handler saw it again, and it was acknowledged."""

    FILTERED = "filtered"
    """The backend let through more than the pattern asks for; no handler saw the event."""

    RELEASED = "released"
    """The attempt was cut short, and the event given back."""

    LOST = "lost"
    """The backend did not take the settlement; the event will be delivered again."""


class Outcome(msgspec.Struct, frozen=True):
    """One settled attempt.

    :ivar payload: what the handler was given: the payload model, or the event.
    :ivar error: what went wrong, if anything did.
    """

    kind: OutcomeKind
    delivery: Delivery
    payload: object = None
    error: BaseException | None = None


Observer: TypeAlias = Callable[[Sequence[Outcome]], None]
"""Told of outcomes, those of one call to the backend together."""


@dataclass(slots=True)
class Counts:
    """Attempts of one subscription since the bus was made, by how they ended."""

    handled: int = 0
    retried: int = 0
    dead_lettered: int = 0
    duplicates: int = 0
    filtered: int = 0
    released: int = 0
    lost: int = 0

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count outcomes."""
        handled = OutcomeKind.HANDLED
        others = [outcome.kind for outcome in outcomes if outcome.kind is not handled]
        self.handled += len(outcomes) - len(others)
        for kind in others:
            name = "duplicates" if kind is OutcomeKind.DUPLICATE else kind.name.lower()
            setattr(self, name, getattr(self, name) + 1)
