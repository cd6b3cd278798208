"""Alternatives that no value fits two of, as is plain from their kinds or from a tag."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion.formula import EVERY_KIND, All, Has, KindOf, Literally, Members

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.registry.inclusion.formula import Formula

__all__ = ["are_disjoint"]

_MOST: Final = 500
_A_STEP: Final = 8
_OBJECTS: Final = frozenset({"object"})


@dataclass(frozen=True, slots=True)
class _Outline:
    kinds: frozenset[str]
    tags: dict[str, frozenset[str]]
    """The keys of the values of members that every object of it has."""


def are_disjoint(parts: Sequence[Formula], spend: Callable[[], None]) -> bool:
    """Whether it is plain that no value fits two of them.

    :param spend: is called again and again, and may raise.
    """
    if len(parts) > _MOST:
        return False
    outlines = [_outline(part) for part in parts]
    for number, (one, other) in enumerate(combinations(outlines, 2)):
        if number % _A_STEP == 0:
            spend()
        if not _apart(one, other):
            return False
    return True


def _outline(formula: Formula) -> _Outline:
    kinds = frozenset[str](EVERY_KIND)
    required: set[str] = set()
    limited: dict[str, frozenset[str]] = {}
    for part in _together(formula):
        match part:
            case KindOf(wanted):
                kinds &= wanted
            case Has(name):
                required.add(name)
            case Members(named):
                for name, value in named.items():
                    for test in _together(value):
                        if isinstance(test, Literally):
                            limited[name] = frozenset(test.values)
            case _:
                pass
    return _Outline(kinds, {name: limited[name] for name in required & limited.keys()})


def _together(formula: Formula) -> tuple[Formula, ...]:
    return formula.parts if isinstance(formula, All) else (formula,)


def _apart(one: _Outline, other: _Outline) -> bool:
    kinds = one.kinds & other.kinds
    if not kinds:
        return True
    return kinds == _OBJECTS and any(
        one.tags[name].isdisjoint(other.tags[name]) for name in one.tags.keys() & other.tags.keys()
    )
