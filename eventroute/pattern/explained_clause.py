"""Says of one clause what was found, and why that passes or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.jsontext import pointer
from eventroute.pattern.absence import why_absent
from eventroute.pattern.event_values import leaves, values_at
from eventroute.pattern.explanation import ExplainedClause, ExplainedTest
from eventroute.pattern.json_values import Scalar, shown
from eventroute.pattern.nearest_value import NearestValues
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.clause import Clause
    from eventroute.pattern.event_values import Object
    from eventroute.pattern.operators import Matcher

__all__ = ["ClauseExplainer"]

_MOST_VALUES: Final = 10


class ClauseExplainer:
    """Explains the clauses of one pattern for one event."""

    def __init__(self, document: Object) -> None:
        self._document = document
        self._nearest = NearestValues()
        self._found: dict[str, list[Scalar]] = {}

    def whole(self, clause: Clause) -> ExplainedClause:
        """Explain a clause for the whole event."""
        found = self._found.get(clause.path)
        if found is None:
            found = list(leaves(values_at(self._document, clause.segments)))
            self._found[clause.path] = found
        missing = None if found else why_absent(self._document, clause)
        return self._explained(clause, found, missing, absent=not found)

    def within(self, clause: Clause, element: Object, depth: int) -> ExplainedClause:
        """Explain a clause for one element of an array.

        :param depth: how many names of the clause's path lead to the array.
        """
        found = list(leaves(values_at(element, clause.segments[depth:])))
        absent = not self.whole(clause).found
        missing = "absent in this element"
        if clause.accepts_absence and not absent:
            missing = "absent in this element, but not in the event"
        return self._explained(clause, found, None if found else missing, absent=absent)

    def _explained(
        self, clause: Clause, found: Sequence[Scalar], missing: str | None, *, absent: bool
    ) -> ExplainedClause:
        tests: list[ExplainedTest] = []
        reason = missing
        for index, test in enumerate(clause.matchers):
            place = clause.pointer + pointer(index)
            explained, within = self._test(test, place, found, missing, absent=absent)
            tests.append(explained)
            if len(clause.matchers) == 1:
                reason = within
        if len(tests) > 1 and reason is None:
            several = f" on any of {len(found):,} values; nearest to each:"
            reason = f"none of {len(tests):,} tests passes{several if len(found) > 1 else ''}"
        matched = any(test.matched for test in tests)
        return ExplainedClause(
            clause.path,
            clause.pointer,
            matched,
            tuple(found[:_MOST_VALUES]),
            len(found),
            tuple(tests),
            None if matched else reason,
        )

    def _test(
        self,
        test: Matcher,
        place: str,
        found: Sequence[Scalar],
        missing: str | None,
        *,
        absent: bool,
    ) -> tuple[ExplainedTest, str | None]:
        """A test, and why it fails, told of all values."""

        def told(value: Scalar, reason: str | None) -> ExplainedTest:
            return ExplainedTest(
                place, test.operator, test.to_json(), reason is None, reason, value
            )

        if isinstance(test, Exists) and not test.present:
            if absent:
                return told(None, None), None
            if len(found) > 1:
                many = f"{len(found):,} values are there, such as {shown(found[0])}"
                return told(found[0], many), many
        for value in found:
            if test.matches(value):
                return told(value, None), None
        if not found:
            return told(None, missing), missing
        value, looked_at = self._nearest.of(test, found)
        reason = test.why_not(value)
        if len(found) == 1:
            return told(value, reason), reason
        of_first = "" if looked_at == len(found) else f" of the first {looked_at:,}"
        return told(value, reason), (
            f"none of {len(found):,} values passes; nearest{of_first}: {reason}"
        )
