"""What follows from the clauses alone: that one pattern contains another, that two never meet.

Every function answers ``True`` only where it is certain, whatever arrays an event has. An array
can hold a leaf for each of two clauses that no single leaf passes, so patterns are apart only
where one asks for a leaf and the other for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.analysis.effort import Effort
    from eventroute.pattern.analysis.prepared import Rule

__all__ = ["never_together", "rule_within", "rules_apart", "rules_within"]

_MOST_SPLITS: Final = 8


def rules_within(rules: Sequence[Rule], others: Sequence[Rule], effort: Effort) -> bool:
    """Tell whether every event that satisfies one of the rules satisfies one of the others."""
    known = {_signature(other) for other in others}
    return all(
        _signature(rule) in known or _covered(rule, others, effort, _MOST_SPLITS) for rule in rules
    )


def rule_within(rule: Rule, other: Rule, effort: Effort) -> bool:
    """Tell whether every event that satisfies the first rule satisfies the second.

    The leaves and the array elements with which the event satisfies the first will do.
    """
    for path, tests in other.items():
        if not effort.spend():
            return False
        given = rule.get(path)
        if given is None:
            if _shares_an_array(path, other) or not tests.accept_anything(effort):
                return False
        elif not tests.covers_all(given, effort):
            return False
    return True


def rules_apart(rules: Sequence[Rule], others: Sequence[Rule], effort: Effort) -> bool:
    """Tell whether no event satisfies one of the rules and one of the others."""
    return all(
        effort.spend(1 + min(len(rule), len(other))) and never_together(rule, other)
        for rule in rules
        for other in others
    )


def never_together(rule: Rule, other: Rule) -> bool:
    """Tell whether one rule asks for a leaf where the other asks for none."""
    return any(
        (rule[path].only_absence and not other[path].absence)
        or (other[path].only_absence and not rule[path].absence)
        for path in rule.keys() & other.keys()
    )


def _signature(rule: Rule) -> frozenset[object]:
    return frozenset((path, tests.key) for path, tests in rule.items())


def _shares_an_array(path: str, rule: Rule) -> bool:
    """Whether an array could tie this clause to an element that another clause chose."""
    first = path.partition(".")[0]
    return sum(other.partition(".")[0] == first for other in rule) > 1


def _covered(rule: Rule, others: Sequence[Rule], effort: Effort, splits: int) -> bool:
    if any(rule_within(rule, other, effort) for other in others):
        return True
    if len(others) == 1 or not splits:
        return False
    path = _path_to_split(rule, others, effort)
    return path is not None and all(
        _covered({**rule, path: test}, others, effort, splits - 1)
        for test in rule[path].one_by_one()
    )


def _path_to_split(rule: Rule, others: Sequence[Rule], effort: Effort) -> str | None:
    """A path where another rule accepts some tests of this one, but not all."""
    for path, tests in rule.items():
        for other in others:
            if not effort.spend():
                return None
            wanted = other.get(path)
            if wanted is None or wanted.covers_all(tests, effort):
                continue
            if any(wanted.covers_all(test, effort) for test in tests.one_by_one()):
                return path
    return None
