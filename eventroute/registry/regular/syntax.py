"""The parts of a regular expression, as it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.registry.regular.character_sets import CharacterSet

__all__ = ["Ahead", "Choice", "End", "Loop", "One", "Part", "Sequence", "Start", "weight"]


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set."""

    characters: CharacterSet


@dataclass(frozen=True, slots=True)
class Start:
    """The place before the first character: ``^``."""


@dataclass(frozen=True, slots=True)
class End:
    """The place after the last character: ``$``."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A place that a part follows, or does not where it is not ``wanted``."""

    part: Part
    wanted: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts that follow one another; none is the empty text."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A part, several times.

    :ivar most: ``None`` for any number.
    """

    part: Part
    least: int
    most: int | None


Part = One | Start | End | Ahead | Sequence | Choice | Loop


def weight(part: Part) -> int:
    """How many characters the expression would name if every count were written out."""
    if isinstance(part, Loop):
        return weight(part.part) * max(1, part.least if part.most is None else part.most)
    if isinstance(part, Sequence | Choice):
        return 1 + sum(map(weight, part.parts))
    return 1 + weight(part.part) if isinstance(part, Ahead) else 1
