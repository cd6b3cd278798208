"""Formulas that lead to themselves at the same value: no validator ends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.registry.inclusion.formula import (
    All,
    AnyOf,
    Contains,
    Items,
    Link,
    Members,
    Names,
    Not,
    OneOf,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Formula

__all__ = ["is_endless"]


def is_endless(root: Formula, budget: Budget) -> bool:
    """Whether a part of a formula, or the formula, says of a value what it says of that value."""
    done: set[Formula] = set()
    places = [root]
    while places:
        place = places.pop()
        if place in done:
            continue
        under_way: set[Formula] = set()
        stack: list[tuple[Formula, bool]] = [(place, False)]
        while stack:
            formula, leaving = stack.pop()
            if leaving:
                under_way.discard(formula)
                done.add(formula)
                continue
            if formula in under_way:
                return True
            if formula in done:
                continue
            budget.spend()
            under_way.add(formula)
            stack.append((formula, True))
            stack.extend((part, False) for part in _here(formula))
            places.extend(_inside(formula))
    return False


def _here(formula: Formula) -> Iterable[Formula]:
    """The parts that speak of the same value."""
    match formula:
        case All(parts) | AnyOf(parts) | OneOf(parts):
            return parts
        case Not(part):
            return (part,)
        case Link(target):
            return (target(),)
        case _:
            return ()


def _inside(formula: Formula) -> Iterable[Formula]:
    """The parts that speak of what is in the value."""
    match formula:
        case Items(first, others):
            return (*first, others)
        case Contains(part) | Names(part):
            return (part,)
        case Members(named, patterned, others):
            return (*named.values(), *(part for _, part in patterned), others)
        case _:
            return ()
