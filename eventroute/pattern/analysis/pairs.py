"""Of many named patterns, those that match the same events as another, or a part of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.prepared import prepare
from eventroute.pattern.analysis.proof import rules_within
from eventroute.pattern.analysis.relation import Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern.analysis.prepared import Rule
    from eventroute.pattern.pattern import Pattern

__all__ = ["ContainedPair", "Containment", "contained_pairs"]

_STEPS: Final = 5_000_000
_STEPS_A_PAIR: Final = 10_000


@dataclass(frozen=True, slots=True)
class ContainedPair:
    """Two patterns, of which one matches whatever the other does.

    :ivar relation: ``EQUAL``, or ``SUBSUMES``: the first matches every event of the second.
    """

    first: str
    second: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Containment:
    """What a comparison of each with each gave.

    :ivar pairs: in the order in which the patterns were given.
    :ivar complete: whether no comparison was cut short for its cost.
    """

    pairs: tuple[ContainedPair, ...]
    complete: bool


def contained_pairs(patterns: Mapping[str, Pattern]) -> Containment:
    """Compare each pattern with each other one; the time grows with the square of their number.

    Only what can be proved from the clauses is told; see :func:`relation`.
    """
    rules = {name: prepare(pattern) for name, pattern in patterns.items()}
    names = list(rules)
    effort = Effort(_STEPS)
    pairs: list[ContainedPair] = []
    complete = True

    def contains(first: tuple[Rule, ...], second: tuple[Rule, ...]) -> bool:
        nonlocal complete
        part = effort.share(_STEPS_A_PAIR)
        answer = rules_within(second, first, part)
        complete &= not part.exhausted
        effort.give_back(part)
        return answer

    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            forth = contains(rules[first], rules[second])
            back = contains(rules[second], rules[first])
            if forth:
                kind = Relation.EQUAL if back else Relation.SUBSUMES
                pairs.append(ContainedPair(first, second, kind))
            elif back:
                pairs.append(ContainedPair(second, first, Relation.SUBSUMES))
    return Containment(tuple(pairs), complete)
