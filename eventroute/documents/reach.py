"""Which event types a pattern may let through: never one too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.documents.described import Reach
from eventroute.errors import ContractError
from eventroute.pattern.analysis import Verdict, check_against_schema, detail_schema
from eventroute.pattern.operators import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.documents.described import DescribedType, TypeKey
    from eventroute.pattern import Pattern
    from eventroute.pattern.clause import SubRule

__all__ = ["named_types", "reach_of"]


def named_types(pattern: Pattern) -> frozenset[TypeKey]:
    """The event types that a pattern names letter by letter."""
    return frozenset(
        (topic, name)
        for rule in pattern.sub_rules
        for topic in _exact(rule, "source") or ()
        for name in _exact(rule, "detail-type") or ()
    )


def reach_of(pattern: Pattern, types: Iterable[DescribedType]) -> Reach:
    """Say which events may match a pattern.

    A type is left out only where it is certain that none of its events matches.
    """
    found = tuple(one.key for one in types if _may_match(pattern, one))
    topics: set[str] = set()
    any_topic = False
    for rule in pattern.sub_rules:
        sources = _exact(rule, "source")
        if sources is None:
            any_topic = True
        elif _exact(rule, "detail-type") is None:
            topics.update(sources)
    return Reach(found, tuple(sorted(topics)), any_topic)


def _may_match(pattern: Pattern, type_: DescribedType) -> bool:
    rules = [rule for rule in pattern.sub_rules if _names(rule, type_)]
    if not rules:
        return False
    if not type_.versions or not all(_looks_inside(rule) for rule in rules):
        return True
    for version in type_.versions:
        try:
            schema = detail_schema(version.schema, source=type_.topic, detail_type=type_.name)
            findings = check_against_schema(pattern, schema)
        except ContractError:  # what cannot be followed may be anything
            return True
        if not any(one.pointer == "" and one.verdict is Verdict.NEVER for one in findings):
            return True
    return False


def _names(rule: SubRule, type_: DescribedType) -> bool:
    wanted = {"source": type_.topic, "detail-type": type_.name}
    return all(
        any(test.matches(wanted[clause.path]) for test in clause.matchers)
        for clause in rule
        if clause.path in wanted
    )


def _looks_inside(rule: SubRule) -> bool:
    return any(clause.segments[0] == "detail" for clause in rule)


def _exact(rule: SubRule, member: str) -> tuple[str, ...] | None:
    """The only values that an alternative admits for a member; ``None`` where it admits others."""
    clauses = [clause for clause in rule if clause.path == member]
    values = tuple(_texts(clauses[0].matchers)) if clauses else ()
    return values if clauses and len(values) == len(clauses[0].matchers) else None


def _texts(matchers: Iterable[object]) -> Iterator[str]:
    for test in matchers:
        if isinstance(test, Text):
            yield test.text
