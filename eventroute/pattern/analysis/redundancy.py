"""Parts of a pattern that change nothing: another part matches whatever they match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import PatternError
from eventroute.jsontext import pointer
from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.finding import Finding, Verdict
from eventroute.pattern.analysis.leaf_sets import within
from eventroute.pattern.analysis.prepared import prepare, prepare_rules
from eventroute.pattern.analysis.proof import rules_within
from eventroute.pattern.json_values import shown
from eventroute.pattern.limits import PatternLimits
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern.clause import Clause, SubRule

__all__ = ["find_redundancies"]

_STEPS: Final = 200_000

# The pattern was accepted once; with alternatives written twice it may be somewhat larger.
_LIMITS: Final = PatternLimits(
    max_bytes=1 << 20,
    max_depth=128,
    max_combinations=5_000,
    max_clauses=200_000,
    max_wildcard_stars=1 << 20,
)


def find_redundancies(pattern: Pattern) -> list[Finding]:
    """Find tests, and alternatives of ``$or``, that another one beside them makes superfluous.

    The pattern means the same without all that is found, taken together. Of equal parts the first
    is kept. Only what is certain is told.
    """
    effort = Effort(_STEPS)
    clauses = {clause.pointer: clause for rule in pattern.sub_rules for clause in rule}
    tests = [finding for clause in clauses.values() for finding in [*_tests(clause, effort)][::-1]]
    return [*tests, *_alternatives(pattern, effort)]


def _tests(clause: Clause, effort: Effort) -> Iterator[Finding]:
    kept = dict(enumerate(clause.matchers))
    # From the end, so that the first of equal tests stays.
    for place, test in reversed(list(kept.items())):
        if not effort.spend(len(kept)):
            return
        by = next(
            (other for at, other in kept.items() if at != place and within(test, other)), None
        )
        if by is not None:
            del kept[place]
            yield Finding(
                clause.pointer + pointer(place),
                Verdict.REDUNDANT,
                f"whatever passes {shown(test.to_json())} passes {shown(by.to_json())} as well",
            )


def _alternatives(pattern: Pattern, effort: Effort) -> Iterator[Finding]:
    """Try a pattern in which one alternative is written once more in the place of another."""
    tree = pattern.source
    if _read(tree) != pattern.sub_rules:
        return  # the text repeats names, so that pointers into this tree lead elsewhere
    rules = prepare(pattern)
    size = sum(map(len, rules))
    fields = {clause.pointer for rule in pattern.sub_rules for clause in rule}
    for place, alternatives in _choices(tree):
        if place in fields:
            continue  # `$or` is the name of a field
        alive = list(range(len(alternatives)))
        for number in reversed(range(len(alternatives))):
            others = [other for other in alive if other != number]
            if not others:
                break
            if not effort.spend(size):
                return
            before = list(alternatives)
            for dead in set(range(len(alternatives))).difference(others):
                alternatives[dead] = alternatives[others[0]]
            fewer = _read(tree)
            if fewer is not None and rules_within(rules, prepare_rules(fewer), effort):
                alive = others
                yield Finding(
                    place + pointer(number),
                    Verdict.REDUNDANT,
                    "every event that matches with this alternative matches with another one",
                )
            else:
                alternatives[:] = before


def _read(tree: dict[str, Any]) -> tuple[SubRule, ...] | None:
    try:
        return Pattern(tree, limits=_LIMITS).sub_rules
    except PatternError:
        return None


def _choices(tree: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Each ``$or`` and its pointer, outer ones first, but for those in replaced alternatives."""
    pending: list[tuple[str, Any]] = [("", tree)]
    while pending:
        place, value = pending.pop()
        if not isinstance(value, dict):
            continue
        for name, item in value.items():
            here = place + pointer(name)
            if name != "$or":
                pending.append((here, item))
            elif isinstance(item, list):
                written = list(item)
                yield here, item
                left = {id(alternative) for alternative in item}
                for number, alternative in enumerate(written):
                    if id(alternative) in left:
                        pending.append((here + pointer(number), alternative))
