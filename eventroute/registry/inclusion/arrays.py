"""An array that fits tests.

What must hold of some element is tried at each position where it could. Positions behind the
declared ones are alike, so no array need be longer than its declared positions, one for each such
demand, and its least length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.registry.equality import canonical
from eventroute.registry.inclusion.formula import Contains, Items, Literally, Signed, Size, Unique
from eventroute.registry.inclusion.outcome import NONE, Found, NoValue, Open, Outcome, better
from eventroute.registry.inclusion.span import Span
from eventroute.registry.json_kinds import is_array

if TYPE_CHECKING:
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.search import Search

__all__ = ["array_for"]

_LONGEST: Final = 1_000
_MOST_DEMANDS: Final = 8

_Demand: TypeAlias = Callable[[int], Signed]
"""What must hold of an element, wherever it stands."""


@dataclass(slots=True)
class _Wanted:
    span: Span = field(default_factory=Span)
    items: list[Items] = field(default_factory=list[Items])
    every: list[Signed] = field(default_factory=list[Signed])
    demands: list[_Demand] = field(default_factory=list[_Demand])
    """Those that follow one another with the same number need different positions."""
    groups: list[int] = field(default_factory=list[int])
    at_most: list[tuple[Formula, int]] = field(default_factory=list["tuple[Formula, int]"])
    unique: bool = False
    twins: bool = False
    excluded: list[list[object]] = field(default_factory=list["list[object]"])

    def demand(self, demand: _Demand, group: int) -> None:
        self.demands.append(demand)
        self.groups.append(group)

    def contain(self, test: Contains, sign: bool, group: int) -> None:
        if sign:
            for _ in range(min(test.least, _MOST_DEMANDS + 1)):
                self.demand(_fitting(test.part), group)
        elif test.least == 1:
            self.every.append((test.part, False))
        else:
            self.at_most.append((test.part, test.least - 1))


def array_for(tests: dict[Formula, bool], search: Search) -> Outcome:
    """Find an array, a short one rather than another."""
    wanted = _wanted(tests)
    span = wanted.span
    if span.is_empty:
        return NONE
    if span.least > _LONGEST:
        return Open("an array would be very long")
    if len(wanted.demands) > _MOST_DEMANDS:
        return Open("an array must hold many elements of its own")
    named = [len(test.first) for test in tests if isinstance(test, Items)]
    declared = max([*named, *map(len, wanted.excluded)], default=0)
    apart = len(wanted.demands) + 2 * wanted.twins + len(wanted.excluded)
    longest = max(span.least, declared + apart)
    if wanted.excluded:
        longest += 1
    best: Outcome = NONE
    last = longest if span.most is None else min(longest, span.most)
    for length in range(span.least, last + 1):
        attempt = _Attempt(wanted, length, min(length, declared + apart), search)
        outcome = attempt.outcome()
        best = better(best, outcome)
        if (isinstance(best, Found) and best.sure) or attempt.hopeless:
            break
    return best


def _wanted(tests: dict[Formula, bool]) -> _Wanted:
    wanted = _Wanted()
    for number, (test, sign) in enumerate(tests.items()):
        match test:
            case Size():
                wanted.span.narrow(test, sign)
            case Items() if sign:
                wanted.items.append(test)
            case Items():
                wanted.demand(_breaking(test), number)
            case Contains():
                wanted.contain(test, sign, number)
            case Unique() if sign:
                wanted.unique = True
            case Unique():
                wanted.twins = True
            case Literally(values) if not sign:
                wanted.excluded.extend(value for value in values.values() if is_array(value))
            case _:
                pass
    return wanted


def _breaking(items: Items) -> _Demand:
    return lambda index: (items.at(index), False)


def _fitting(part: Formula) -> _Demand:
    return lambda _: (part, True)


class _Attempt:
    """Arrays of one length.

    :ivar hopeless: whether no longer array fits either.
    """

    def __init__(self, wanted: _Wanted, length: int, apart: int, search: Search) -> None:
        self._wanted: Final = wanted
        self._length: Final = length
        self._apart: Final = apart
        self._search: Final = search
        self._base: Final = [
            [*((items.at(index), True) for items in wanted.items), *wanted.every]
            for index in range(length)
        ]
        self._demands = list(wanted.demands)
        self._groups = list(wanted.groups)
        for value in wanted.excluded:
            if len(value) == length:
                self._demands.append(self._other_than(value))
                self._groups.append(-len(self._demands))
        self.hopeless = False

    def _other_than(self, value: list[object]) -> _Demand:
        return lambda index: self._search.excluding(value[index])

    def outcome(self) -> Outcome:
        for base in self._base[: self._apart + 1]:
            if isinstance(self._search.value(base), NoValue):
                self.hopeless = True
                return NONE
        if self._demands and not self._length:
            return NONE
        if not self._wanted.twins:
            return self._assigned(0, [list(base) for base in self._base], [], None)
        best: Outcome = NONE
        for pair in combinations(range(self._apart), 2):
            places = [list(base) for base in self._base]
            places[pair[0]] = places[pair[1]] = [*places[pair[0]], *places[pair[1]]]
            best = better(best, self._assigned(0, places, [], pair))
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _assigned(
        self,
        number: int,
        places: list[list[Signed]],
        chosen: list[int],
        twins: tuple[int, int] | None,
    ) -> Outcome:
        """Choose a position for each demand, from ``number`` on."""
        self._search.budget.spend()
        if number == len(self._demands):
            return self._limited(0, 0, 0, places, twins)
        best: Outcome = NONE
        for index in range(self._apart or self._length):
            group = self._groups[number]
            if any(
                group == self._groups[earlier] and index <= at for earlier, at in enumerate(chosen)
            ):
                continue
            demand = self._demands[number](index)
            changed = _with(places, index, demand, twins)
            if isinstance(self._search.value(changed[index]), NoValue):
                continue
            best = better(best, self._assigned(number + 1, changed, [*chosen, index], twins))
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _limited(
        self,
        number: int,
        index: int,
        used: int,
        places: list[list[Signed]],
        twins: tuple[int, int] | None,
    ) -> Outcome:
        """Choose which elements are among those of which there may be some only."""
        self._search.budget.spend()
        if number == len(self._wanted.at_most):
            return self._filled(places, twins)
        if index == self._length:
            return self._limited(number + 1, 0, 0, places, twins)
        part, most = self._wanted.at_most[number]
        best: Outcome = NONE
        for fits in (False, True):
            if fits and used == most:
                continue
            if fits and index >= _MOST_DEMANDS:
                best = better(best, Open("too many elements to choose from"))
                continue
            changed = _with(places, index, (part, fits), twins)
            if isinstance(self._search.value(changed[index]), NoValue):
                continue
            if index >= _DEEPEST:
                return Open("too many elements to choose from")
            more = self._limited(number, index + 1, used + fits, changed, twins)
            best = better(best, more)
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _filled(self, places: list[list[Signed]], twins: tuple[int, int] | None) -> Outcome:
        """Find a value for each position."""
        values: list[object] = []
        sure = True
        taken: dict[str, object] = {}
        for index, place in enumerate(places):
            if twins and index == twins[1]:
                values.append(values[twins[0]])
                continue
            found = self._search.value(place)
            if self._wanted.unique and isinstance(found, Found) and canonical(found.value) in taken:
                others = [self._search.excluding(value) for value in taken.values()]
                found = self._search.value([*place, *others])
                alike = all(set(other) == set(place) for other in places)
                if isinstance(found, NoValue) and not alike:
                    return Open("elements that must differ have few values")
            if not isinstance(found, Found):
                return found
            taken[canonical(found.value)] = found.value
            values.append(found.value)
            sure = sure and found.sure
        return Found(values, sure)


_DEEPEST: Final = 60


def _with(
    places: list[list[Signed]], index: int, demand: Signed, twins: tuple[int, int] | None
) -> list[list[Signed]]:
    """The same positions, with one more demand at one of them."""
    changed = list(places)
    changed[index] = [*places[index], demand]
    if twins and index in twins:
        changed[twins[0]] = changed[twins[1]] = changed[index]
    return changed
