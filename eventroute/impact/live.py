"""Which part of a pattern can concern the events of one type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.analysis import Verdict, check_against_schema, detail_schema

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute.pattern.clause import SubRule

__all__ = ["live_rules"]


def live_rules(pattern: Pattern, topic: str, type_: str) -> tuple[SubRule, ...]:
    """The alternatives of a pattern that some event of a topic and type may satisfy.

    None of them: the pattern concerns other events.
    """
    events = detail_schema(True, source=topic, detail_type=type_)
    never = {
        finding.pointer
        for finding in check_against_schema(pattern, events)
        if finding.verdict is Verdict.NEVER
    }
    return tuple(
        rule for rule in pattern.sub_rules if never.isdisjoint(clause.pointer for clause in rule)
    )
