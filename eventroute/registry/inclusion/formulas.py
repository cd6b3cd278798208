"""Makes formulas so that those that say the same are one node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from eventroute.registry.equality import canonical
from eventroute.registry.inclusion.disjoint import are_disjoint
from eventroute.registry.inclusion.formula import (
    EVERY_KIND,
    All,
    Always,
    AnyOf,
    Formula,
    KindOf,
    Link,
    Literally,
    Members,
    Not,
    OneOf,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Kind

__all__ = ["Formulas"]

_F = TypeVar("_F", bound=Formula)


class Formulas:
    """The nodes of one judgement. Both schemas share it, so that what did not change cancels.

    :param budget: for finding out which alternatives no value fits two of.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget: Final = budget
        self._known: Final[dict[Hashable, Formula]] = {}
        self.true: Final = self.of(Always, True)
        self.false: Final = self.of(Always, False)

    def of(self, test: type[_F], *arguments: Hashable) -> _F:
        """Make a test whose arguments can be compared."""
        return self._once((test, *arguments), lambda: test(*arguments))

    def knows(self, test: type[Formula], *arguments: Hashable) -> bool:
        """Whether such a test was made."""
        return (test, *arguments) in self._known

    def kind(self, *kinds: Kind) -> Formula:
        """The value is of one of these kinds."""
        wanted = frozenset(kinds)
        return self.true if len(wanted) == len(EVERY_KIND) else self.of(KindOf, wanted)

    def literally(self, values: Iterable[object]) -> Formula:
        """The value is one of these."""
        known = {canonical(value): value for value in values}
        if not known:
            return self.false
        return self._once((Literally, frozenset(known)), lambda: Literally(known))

    def members(
        self,
        named: Mapping[str, Formula],
        patterned: Mapping[str, Formula],
        others: Formula,
    ) -> Formula:
        """What members must fit, by their names."""
        if others is self.true and all(part is self.true for part in patterned.values()):
            named = {name: part for name, part in named.items() if part is not self.true}
            if not named:
                return self.true
            patterned = {}
        patterns = tuple(sorted(patterned.items()))
        key = (Members, frozenset(named.items()), patterns, others)
        return self._once(key, lambda: Members(dict(named), patterns, others))

    def all(self, parts: Iterable[Formula]) -> Formula:
        """Every part holds."""
        flat: dict[Formula, None] = {}
        for part in parts:
            flat.update(dict.fromkeys(part.parts if isinstance(part, All) else (part,)))
        flat.pop(self.true, None)
        if self.false in flat:
            return self.false
        if len(flat) < 2:
            return next(iter(flat), self.true)
        return self._once((All, frozenset(flat)), lambda: All(tuple(flat)))

    def any(self, parts: Iterable[Formula]) -> Formula:
        """A part holds."""
        flat: dict[Formula, None] = {}
        for part in parts:
            flat.update(dict.fromkeys(part.parts if isinstance(part, AnyOf) else (part,)))
        flat.pop(self.false, None)
        if self.true in flat:
            return self.true
        if len(flat) < 2:
            return next(iter(flat), self.false)
        return self._once((AnyOf, frozenset(flat)), lambda: AnyOf(tuple(flat)))

    def one(self, parts: Iterable[Formula]) -> Formula:
        """Exactly one part holds."""
        wanted = tuple(part for part in parts if part is not self.false)
        if len(wanted) < 2:
            return wanted[0] if wanted else self.false
        if are_disjoint(wanted, self._budget.spend):
            return self.any(wanted)
        key = (OneOf, tuple(sorted(map(id, wanted))))
        return self._once(key, lambda: OneOf(wanted))

    def negated(self, part: Formula) -> Formula:
        """The part does not hold."""
        if isinstance(part, Not):
            return part.part
        if isinstance(part, Always):
            return self.false if part.value else self.true
        return self.of(Not, part)

    def link(self, target: Callable[[], Formula]) -> Link:
        """A part that is compiled when it is needed."""
        return Link(target)

    def named(self, key: Hashable, make: Callable[[], _F]) -> _F:
        """What ``make`` makes, once for each key."""
        return self._once(("named", key), make)

    def _once(self, key: Hashable, make: Callable[[], _F]) -> _F:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = make()
        return known  # type: ignore[return-value]  # the key begins with the class
