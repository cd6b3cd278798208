"""What a search for a value comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["NONE", "Found", "NoValue", "Open", "Outcome", "better"]


@dataclass(frozen=True, slots=True)
class Found:
    """A value.

    :ivar sure: whether every test was understood; if not, the value is worth a try.
    """

    value: object
    sure: bool = True


@dataclass(frozen=True, slots=True)
class NoValue:
    """It is certain that there is none."""


@dataclass(frozen=True, slots=True)
class Open:
    """Neither a value nor a proof that there is none."""

    reason: str


Outcome: TypeAlias = Found | NoValue | Open

NONE: Final = NoValue()


def better(one: Outcome, other: Outcome) -> Outcome:
    """Of the outcomes of two alternatives, what is known of both together."""
    return other if _rank(other) > _rank(one) else one


def _rank(outcome: Outcome) -> int:
    if isinstance(outcome, Found):
        return 3 if outcome.sure else 2
    return 1 if isinstance(outcome, Open) else 0
