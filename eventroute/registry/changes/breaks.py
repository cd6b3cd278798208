"""In which directions one change alone is known to break."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.changes.keywords import VALUES
from eventroute.registry.inclusion.budget import OutOfBudgetError
from eventroute.registry.inclusion.compiler import Compiler
from eventroute.registry.inclusion.formula import Has
from eventroute.registry.inclusion.formulas import Formulas
from eventroute.registry.inclusion.outcome import Found
from eventroute.registry.inclusion.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.registry.inclusion import Budget, Document
    from eventroute.registry.inclusion.formula import Formula, Signed
    from eventroute.registry.judgement import Direction

__all__ = ["Breaks"]

_BACKWARD_ONLY: Final = frozenset({"enum-value-removed", "required-added"})
_FORWARD_ONLY: Final = frozenset({"enum-value-added", "required-removed"})
_MEMBERS: Final = ("patternProperties", "additionalProperties")


class Breaks:
    """Tries single changes: a part of the old schema with and without one of them.

    Nothing is known where the drafts differ, or once the budget is used up.
    """

    def __init__(self, old: Document, new: Document, budget: Budget) -> None:
        self._make: Final = Formulas(budget)
        self._budget: Final = budget
        self._known: Final = old.draft == new.draft and not (old.mixed or new.mixed)
        self._old: Final = Compiler(old, self._make, budget)
        self._new: Final = Compiler(new, self._make, budget)
        self._resolvers: Final = (old.resolver(), new.resolver())
        self._spent = False
        self._kept: Final[list[object]] = []

    def of_keyword(
        self, keyword: str, kind: str, old: dict[str, Any], new: dict[str, Any]
    ) -> tuple[Direction, ...]:
        """Of a keyword that holds no schema."""
        if keyword == "$ref":
            return ()
        together = VALUES if keyword in VALUES else (keyword,)
        changed = {name: value for name, value in old.items() if name not in together}
        changed.update((name, new[name]) for name in together if name in new)
        self._kept.extend((old, changed))  # the compiler tells parts by their identity
        return self._directions(
            kind,
            lambda: (
                [(self._of_old(old), True), (self._of_old(changed), False)],
                [(self._of_old(changed), True), (self._of_old(old), False)],
            ),
        )

    def of_property(
        self, name: str, old: dict[str, Any], new: dict[str, Any], *, added: bool
    ) -> tuple[Direction, ...]:
        """Of a property that only one of them declares."""
        with_it, without = (new, old) if added else (old, new)
        rest = {keyword: without[keyword] for keyword in _MEMBERS if keyword in without}
        self._kept.append(rest)

        def asked() -> tuple[list[Signed], list[Signed]]:
            compiled = self._of_new if added else self._of_old
            declared = compiled(with_it["properties"][name])
            undeclared = (self._of_old if added else self._of_new)(rest)
            make = self._make
            alone = make.members({name: declared}, {}, make.false)
            loses: list[Signed] = [
                (make.kind("object"), True),
                (undeclared, True),
                (make.members({name: declared}, {}, make.true), False),
            ]
            gains: list[Signed] = [
                (alone, True),
                (make.of(Has, name), True),
                (undeclared, False),
            ]
            return (loses, gains) if added else (gains, loses)

        return self._directions("", asked)

    def _directions(
        self, kind: str, asked: Callable[[], tuple[list[Signed], list[Signed]]]
    ) -> tuple[Direction, ...]:
        if self._spent or not self._known:
            return ()
        found: list[Direction] = []
        try:
            backward, forward = asked()
            search = Search(self._make, self._budget)
            if kind not in _FORWARD_ONLY and _is_found(search, backward):
                found.append("BACKWARD")
            if kind not in _BACKWARD_ONLY and _is_found(search, forward):
                found.append("FORWARD")
        except (OutOfBudgetError, RecursionError):
            self._spent = True
        return tuple(found)

    def _of_old(self, node: object) -> Formula:
        return self._old.part(node, self._resolvers[0])

    def _of_new(self, node: object) -> Formula:
        return self._new.part(node, self._resolvers[1])


def _is_found(search: Search, wanted: list[Signed]) -> bool:
    outcome = search.value(wanted)
    return isinstance(outcome, Found) and outcome.sure
