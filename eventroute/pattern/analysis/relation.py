"""How the events of two patterns lie to each other."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.prepared import prepare
from eventroute.pattern.analysis.proof import rules_apart, rules_within
from eventroute.pattern.analysis.witness import common_event, event_between

if TYPE_CHECKING:
    from eventroute.pattern.pattern import Pattern

__all__ = ["Relation", "implies", "relation"]

_STEPS: Final = 100_000


class Relation(Enum):
    """What is certain of two patterns.

    ``EQUAL``: they match the same events. ``SUBSUMES``: the first matches every event that the
    second matches. ``SUBSUMED``: the other way round. ``DISJOINT``: no event matches both.
    ``OVERLAPPING``: some event matches both, some only the first, some only the second.
    ``UNKNOWN``: nothing of it could be shown.
    """

    EQUAL = "equal"
    SUBSUMES = "subsumes"
    SUBSUMED = "subsumed"
    DISJOINT = "disjoint"
    OVERLAPPING = "overlapping"
    UNKNOWN = "unknown"


def relation(first: Pattern, second: Pattern) -> Relation:
    """Compare two patterns by the events that they match, whatever arrays those have.

    Containment and disjointness are proved from the clauses; ``OVERLAPPING`` is told only of
    patterns for which three such events were made and matched. One array can satisfy two tests
    that no single value passes: ``{"a": ["x"]}`` and ``{"a": ["y"]}`` overlap.
    """
    forth, back = _contained(first, second), _contained(second, first)
    if forth and back:
        return Relation.EQUAL
    if back:
        return Relation.SUBSUMES
    if forth:
        return Relation.SUBSUMED
    if rules_apart(prepare(first), prepare(second), Effort(_STEPS)):
        return Relation.DISJOINT
    if (
        common_event(first, second) is None
        or event_between(first, second) is None
        or event_between(second, first) is None
    ):
        return Relation.UNKNOWN
    return Relation.OVERLAPPING


def implies(first: Pattern, second: Pattern) -> bool | None:
    """Tell whether every event that matches the first pattern matches the second.

    :returns: ``True`` if that is proved, ``False`` if an event was found that matches the first
        pattern only, ``None`` if neither.
    """
    if _contained(first, second):
        return True
    return None if event_between(first, second) is None else False


def _contained(first: Pattern, second: Pattern) -> bool:
    return first == second or rules_within(prepare(first), prepare(second), Effort(_STEPS))
