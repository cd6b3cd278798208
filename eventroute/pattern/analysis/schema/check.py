"""Which clauses of a pattern can never match, and which always do, by the schema of the events."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from eventroute.jsontext import pointer
from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.finding import Finding, Verdict
from eventroute.pattern.analysis.schema.document import SchemaDocument
from eventroute.pattern.analysis.schema.leaves import all_pass, has_leaf
from eventroute.pattern.analysis.schema.walk import Walk
from eventroute.pattern.analysis.schema.wording import undeclared, why_always, why_never
from eventroute.pattern.clause import Clause
from eventroute.pattern.json_values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.pattern.clause import SubRule
    from eventroute.pattern.pattern import Pattern

__all__ = ["check_against_schema"]

_STEPS: Final = 300_000
_MOST_PAIRS: Final = 200


def check_against_schema(pattern: Pattern, schema: Mapping[str, object]) -> list[Finding]:
    """Find the clauses of a pattern that no event of a schema can pass, or that each one passes.

    The verdict of a clause, and of a test in a list, is about it alone. A clause that contradicts
    another names it as ``related``; a finding at ``""`` says that the pattern matches no event at
    all. Only what is certain is told, but for ``SUSPICIOUS`` fields; a schema too intricate to
    follow gives fewer findings. Two things are assumed: that members which the schema does not
    declare have no dots in their names, and that numbers are read as doubles.

    :param schema: JSON Schema of the whole event, draft-04 to draft-07, 2019-09 or 2020-12; see
        :func:`detail_schema` where there is only that of the detail. Nothing is fetched.
    :raises ContractError: no schema, an unknown ``$schema``, or one that allows no object.
    """
    effort = Effort(_STEPS)
    walk = Walk(SchemaDocument(dict(schema), effort), effort)
    clauses = {clause.pointer: clause for rule in pattern.sub_rules for clause in rule}
    found = [finding for clause in clauses.values() for finding in _of_clause(walk, clause)]
    never = {finding.pointer for finding in found if finding.verdict is Verdict.NEVER}
    dead = 0
    for rule in pattern.sub_rules:
        if not never.isdisjoint(clause.pointer for clause in rule):
            dead += 1
        elif len(rule) > 1 and not walk.allows(rule):
            dead += 1
            found.append(_contradiction(walk, rule))
    if dead == len(pattern.sub_rules):
        reason = "the pattern matches no event that the schema allows"
        found.append(Finding("", Verdict.NEVER, reason, ""))
    return list(dict.fromkeys(found))


def _of_clause(walk: Walk, clause: Clause) -> Iterator[Finding]:
    if not walk.allows((clause,)):
        reason, place = why_never(walk, clause, clause.matchers)
        yield Finding(clause.pointer, Verdict.NEVER, reason, place)
        return
    if _always(walk, clause):
        reason, place = why_always(walk, clause)
        yield Finding(clause.pointer, Verdict.ALWAYS, reason, place)
    elif (guess := undeclared(walk, clause.segments)) is not None:
        yield Finding(clause.pointer, Verdict.SUSPICIOUS, *guess)
    if len(clause.matchers) == 1:
        return
    for number, test in enumerate(clause.matchers):
        here = clause.pointer + pointer(number)
        if not walk.allows((Clause(clause.path, here, (test,)),)):
            reason, place = why_never(walk, clause, (test,))
            yield Finding(here, Verdict.NEVER, reason, place)


def _always(walk: Walk, clause: Clause) -> bool:
    if walk.always(clause.segments, clause.matchers):
        return True
    return clause.accepts_absence and all(
        all_pass(clause.matchers, shape) for shape in walk.at(clause.segments) if has_leaf(shape)
    )


def _contradiction(walk: Walk, rule: SubRule) -> Finding:
    """Name two clauses that cannot hold together, or all of them where each two can."""
    together = rule
    for number, pair in enumerate(combinations(rule, 2)):
        if number >= _MOST_PAIRS:
            break
        if not walk.allows(pair):
            together = pair
            break
    *others, last = together
    names = ", ".join(shown(clause.path) for clause in others[:5])
    return Finding(
        last.pointer,
        Verdict.NEVER,
        f"no event that the schema allows passes this test of {shown(last.path)} together with "
        f"those of {names}",
        "",
        tuple(clause.pointer for clause in others),
    )
