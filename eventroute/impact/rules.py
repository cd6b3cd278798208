"""What a change does to a pattern: rules that never match or always do, and fields they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.impact.effect import Effect, Severity
from eventroute.impact.side import in_detail
from eventroute.pattern.analysis import Verdict
from eventroute.pattern.json_values import shown
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.impact.effect import EffectKind
    from eventroute.impact.side import Side
    from eventroute.pattern import Pattern
    from eventroute.pattern.analysis import Field, Finding
    from eventroute.pattern.clause import Clause, SubRule

__all__ = ["rule_effects"]


def rule_effects(
    name: str, pattern: Pattern, rules: tuple[SubRule, ...], old: Side, new: Side
) -> list[Effect]:
    """Compare what is certain of a pattern by the one contract and by the other.

    :param name: of the subscription or route.
    :param rules: its alternatives that concern the events.
    """
    if not old.allows_events:
        return []  # so nothing was there to lose
    if not new.allows_events:
        reason = "the contract allows no event any more, so the rule never matches"
        return [Effect(name, "never-matches", Severity.BREAKS, reason, "", "")]
    known = {(one.pointer, one.verdict) for one in old.findings(pattern)}
    found = new.findings(pattern)
    reading = _Reading(name, rules, old, new)
    fresh = [one for one in found if (one.pointer, one.verdict) not in known]
    never = [one for one in fresh if one.verdict is Verdict.NEVER]
    always = [one for one in found if one.verdict is Verdict.ALWAYS]
    effects = [
        *reading.never(never),
        *reading.always(always, {pointer for pointer, verdict in known if verdict is _ALWAYS}),
    ]
    told = {effect.pointer for effect in effects}
    return [*effects, *(one for one in reading.fields() if one.pointer not in told)]


_ALWAYS = Verdict.ALWAYS


class _Reading:
    """What one pattern reads of the events of one type."""

    def __init__(self, name: str, rules: tuple[SubRule, ...], old: Side, new: Side) -> None:
        self._name = name
        self._rules = rules
        self._clauses = {clause.pointer: clause for rule in rules for clause in rule}
        self._old = old
        self._new = new
        self._type = old.contract.type

    def never(self, findings: Iterable[Finding]) -> Iterator[Effect]:
        """Clauses, single tests and whole rules that can no longer pass."""
        dead = {one.pointer: one for one in findings}
        whole = dead.pop("", None)
        clauses = [one for pointer, one in dead.items() if pointer in self._clauses]
        for one in clauses:
            kind = self._lost(self._clauses[one.pointer])
            so = f"the rule matches no {self._type} any more" if whole else "nothing passes here"
            yield self._effect(kind, Severity.BREAKS, f"{one.reason}, so {so}", one)
        if whole is not None and not clauses:
            reason = f"the rule matches no {self._type} any more"
            yield self._effect("never-matches", Severity.BREAKS, reason, whole)
        for pointer, one in dead.items():
            above = pointer.rpartition("/")[0]
            if pointer not in self._clauses and above in self._clauses and above not in dead:
                yield self._effect("test-never-passes", Severity.WARNS, one.reason, one)

    def always(self, findings: Iterable[Finding], known: set[str]) -> Iterator[Effect]:
        """Clauses that filter nothing any more, and whole rules."""
        passed = {one.pointer: one for one in findings if one.pointer in self._clauses}
        whole = any(all(one.pointer in passed for one in rule) for rule in self._rules)
        for pointer, one in passed.items():
            if pointer not in known:
                so = f"; the rule matches every {self._type} now" if whole else ""
                yield self._effect("always-matches", Severity.WARNS, one.reason + so, one)

    def fields(self) -> Iterator[Effect]:
        """Fields that are gone, or hold something else now."""
        for clause in self._clauses.values():
            if not clause.path.startswith("detail."):
                continue
            before, after = self._old.tested(clause.path), self._new.tested(clause.path)
            if not before.declared:
                continue
            if after.declared is False:
                yield self._gone(clause, before)
            elif not all(isinstance(test, Exists) for test in clause.matchers):
                yield from self._changed(clause, before, after)

    def _gone(self, clause: Clause, before: Field) -> Effect:
        accepts = clause.accepts_absence
        so = "passes without it" if accepts else "passes no event without it"
        return Effect(
            self._name,
            "field-gone",
            Severity.WARNS if accepts else Severity.BREAKS,
            f"the contract declares no {shown(clause.path)} any more, and the rule {so}",
            clause.pointer,
            in_detail(before.pointer),
        )

    def _changed(self, clause: Clause, before: Field, after: Field) -> Iterator[Effect]:
        more = after.kinds - before.kinds - {"null"}
        if before.kinds and more:
            was, now = _listed(before.kinds), _listed(after.kinds)
            reason = f"{shown(clause.path)} was {was} and is {now} now"
            place = in_detail(after.pointer)
            yield Effect(self._name, "type-changed", Severity.WARNS, reason, clause.pointer, place)

    def _lost(self, clause: Clause) -> EffectKind:
        before, after = self._old.tested(clause.path), self._new.tested(clause.path)
        if not before.kinds:
            return "never-matches"
        if not after.kinds and after.declared is not True:
            return "field-gone"
        return "never-matches" if before.kinds & after.kinds else "type-changed"

    def _effect(
        self, kind: EffectKind, severity: Severity, reason: str, finding: Finding
    ) -> Effect:
        return Effect(self._name, kind, severity, reason, finding.pointer, finding.schema_pointer)


def _listed(kinds: Iterable[str]) -> str:
    return " or ".join(sorted(kinds))
