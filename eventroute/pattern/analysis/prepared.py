"""Patterns made ready to be compared: by path, tests of single leaves apart from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.pattern.analysis.leaf_sets import covered, is_exact, within
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.analysis.effort import Effort
    from eventroute.pattern.clause import SubRule
    from eventroute.pattern.operators import Matcher
    from eventroute.pattern.pattern import Pattern

__all__ = ["Rule", "Tests", "prepare", "prepare_rules"]

_ANY_LEAF: Final = Exists(present=True)


class Tests:
    """The tests of one clause.

    :ivar exact: those that a single leaf passes.
    :ivar wide: the others, but for ``{"exists": false}``.
    :ivar absence: whether ``{"exists": false}`` is among them.
    :ivar key: equal for the same tests in another order.
    """

    __slots__ = ("absence", "exact", "key", "wide")

    def __init__(self, matchers: Iterable[Matcher]) -> None:
        tests = dict.fromkeys(matchers)
        self.absence = Exists(present=False) in tests
        self.key = frozenset(tests)
        self.exact = frozenset(test for test in tests if is_exact(test))
        self.wide = tuple(
            test for test in tests if not is_exact(test) and test != Exists(present=False)
        )

    @property
    def only_absence(self) -> bool:
        """Whether no leaf passes, only that there is none."""
        return not self.exact and not self.wide

    def passes(self, leaf: Matcher) -> bool:
        """Tell whether a leaf, given as its bare value, passes."""
        return leaf in self.exact or any(within(leaf, test) for test in self.wide)

    def covers(self, test: Matcher, effort: Effort) -> bool:
        """Tell whether every leaf that passes the test surely passes one of these."""
        if not effort.spend(1 + len(self.wide)):
            return False
        if is_exact(test):
            return self.passes(test)
        if any(within(test, other) for other in self.wide):
            return True
        # Bare values matter only for what `anything-but` leaves out; then each test may be asked.
        cost = len(self.wide) * (len(self.exact) + len(self.wide))
        return effort.spend(cost) and covered(test, (*self.wide, *self.exact))

    def covers_all(self, others: Tests, effort: Effort) -> bool:
        """Tell whether a clause of the others surely passes only where one of these does."""
        if others is self:
            return True
        if (others.absence and not self.absence) or not effort.spend():
            return False
        left = others.exact - self.exact
        return all(self.covers(test, effort) for test in (*left, *others.wide))

    def accept_anything(self, effort: Effort) -> bool:
        """Tell whether surely any leaf passes, and the absence of one too."""
        return self.absence and bool(self.wide) and self.covers(_ANY_LEAF, effort)

    def one_by_one(self) -> list[Tests]:
        """Each test alone: a clause passes where one of them does."""
        absence: Sequence[Matcher] = (Exists(present=False),) if self.absence else ()
        return [Tests((test,)) for test in (*self.exact, *self.wide, *absence)]


Rule: TypeAlias = dict[str, Tests]
"""A sub-rule: its tests by path."""


def prepare(pattern: Pattern) -> tuple[Rule, ...]:
    """The sub-rules of a pattern."""
    return prepare_rules(pattern.sub_rules)


def prepare_rules(sub_rules: Sequence[SubRule]) -> tuple[Rule, ...]:
    """The same of sub-rules; what they share, they still share."""
    known: dict[int, Tests] = {}

    def tests_of(matchers: tuple[Matcher, ...]) -> Tests:
        tests = known.get(id(matchers))
        if tests is None:
            tests = known[id(matchers)] = Tests(matchers)
        return tests

    return tuple({clause.path: tests_of(clause.matchers) for clause in rule} for rule in sub_rules)
