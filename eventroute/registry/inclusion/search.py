"""The search for a value that fits some formulas and not others, or the proof of its absence.

An object or array is searched member by member. What a member must fit may be what the object
itself must fit, where schemas are recursive; a smallest value holds no smaller one of the same
demands, so a search below itself is ended there (values are finite). What rests on that is kept
only when the outer search is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion.arrays import array_for
from eventroute.registry.inclusion.branches import branches
from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import EVERY_KIND, Literally, Opaque, Whole
from eventroute.registry.inclusion.kinds import kind_of
from eventroute.registry.inclusion.numbers import forms, number_for
from eventroute.registry.inclusion.objects import object_for
from eventroute.registry.inclusion.outcome import NONE, Found, Open, Outcome, better
from eventroute.registry.inclusion.texts import text_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion.branches import Branch
    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Formula, Kind, Signed
    from eventroute.registry.inclusion.formulas import Formulas

__all__ = ["Search"]

_DEEPEST: Final = 24
_MOST_FORMS: Final = 256


class Search:
    """One search, with what it found out about parts."""

    def __init__(self, formulas: Formulas, budget: Budget) -> None:
        self.formulas: Final = formulas
        self.budget: Final = budget
        self._known: Final[dict[frozenset[Signed], Outcome]] = {}
        self._path: Final[list[frozenset[Signed]]] = []
        self._rests_on = _DEEPEST + 1

    def value(self, wanted: Iterable[Signed]) -> Outcome:
        """Find a value for all that is wanted of it."""
        self.budget.spend()
        demands = frozenset(wanted)
        if any((formula, not sign) in demands for formula, sign in demands):
            return NONE
        known = self._known.get(demands)
        if known is not None:
            return known
        for level, outer in enumerate(self._path):
            if outer <= demands:
                self._rests_on = min(self._rests_on, level)
                return NONE
        if len(self._path) >= _DEEPEST:
            return Open("the schemas are nested too deeply for a proof")
        return self._searched(demands)

    def _searched(self, demands: frozenset[Signed]) -> Outcome:
        level = len(self._path)
        outer, self._rests_on = self._rests_on, _DEEPEST + 1
        self._path.append(demands)
        try:
            best: Outcome = NONE
            for kind in EVERY_KIND:
                best = better(best, self.of_kind(kind, demands))
                if isinstance(best, Found) and best.sure:
                    break
        finally:
            self._path.pop()
            inner, self._rests_on = self._rests_on, min(outer, self._rests_on)
        if inner >= level:  # nothing rests on a search that is still under way
            self._rests_on = outer
            self._known[demands] = best
        elif isinstance(best, Found) and best.sure:
            self._known[demands] = best
        return best

    def of_kind(self, kind: Kind, demands: Iterable[Signed]) -> Outcome:
        """Find a value of one kind."""
        demands = tuple(demands)
        best: Outcome = NONE
        for branch in branches(demands, kind, self.budget):
            best = better(best, self._in_branch(kind, branch))
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _in_branch(self, kind: Kind, branch: Branch) -> Outcome:
        tests = branch.tests
        given = [test for test, sign in tests.items() if sign and isinstance(test, Literally)]
        if given:
            fewest = min(given, key=lambda test: len(test.values))
            return self._among(fewest, kind, tests)
        found = self._of_tests(kind, tests)
        unclear = next((test for test in tests if isinstance(test, Opaque)), None)
        if unclear is not None and isinstance(found, Found):
            return Found(found.value, sure=False)
        return found

    def _among(self, given: Literally, kind: Kind, tests: dict[Formula, bool]) -> Outcome:
        best: Outcome = NONE
        for value in given.values.values():
            if kind_of(value) != kind:
                continue
            alike = self._forms(value)
            if not alike:
                best = better(best, Open("equal numbers can be written in many ways"))
            for form in alike or [value]:
                self.budget.spend()
                fits = Evaluation(form, self.budget).holds(tests.items())
                if fits is not False:
                    best = better(best, Found(form, sure=fits is True))
                    if fits:
                        return best
        return best

    def _forms(self, value: object) -> list[object]:
        """Values equal to one, where it matters how a number is written; none for too many."""
        return forms(value, _MOST_FORMS) if self.formulas.knows(Whole, True) else [value]

    def _of_tests(self, kind: Kind, tests: dict[Formula, bool]) -> Outcome:
        match kind:
            case "null" | "boolean":
                values = [None] if kind == "null" else [True, False]
                return self._among(Literally({repr(value): value for value in values}), kind, tests)
            case "number":
                return number_for(tests, self.budget)
            case "string":
                return text_for(tests, self.budget)
            case "array":
                return array_for(tests, self)
            case "object":
                return object_for(tests, self)

    def excluding(self, value: object) -> Signed:
        """The demand not to be a value."""
        return (self.formulas.literally([value]), False)
