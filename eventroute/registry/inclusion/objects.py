"""An object that fits tests.

Members that any test names are looked at one by one. All other names fall into classes, by the
patterns that they match; one name of each class stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion import words
from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import (
    Has,
    Literally,
    Members,
    Names,
    Pattern,
    Signed,
    Size,
)
from eventroute.registry.inclusion.outcome import NONE, Found, NoValue, Open, Outcome, better
from eventroute.registry.inclusion.span import Span
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.search import Search

__all__ = ["object_for"]

_MOST_PATTERNS: Final = 6
_MOST_MEMBERS: Final = 300


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to meet a demand.

    :ivar name: of the member; ``None`` for a name that no test mentions.
    :ivar absent: whether it is met by leaving the member out.
    :ivar named: what such an unmentioned name must fit.
    :ivar wanted: what the member's value must fit.
    """

    name: str | None
    wanted: tuple[Signed, ...] = ()
    named: tuple[Signed, ...] = ()
    absent: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the object will hold."""

    extra: dict[str, tuple[Signed, ...]] = field(default_factory=dict[str, "tuple[Signed, ...]"])
    absent: frozenset[str] = frozenset()
    fresh: tuple[_Way, ...] = ()
    sure: bool = True

    def going(self, way: _Way) -> _Plan | None:
        sure = self.sure and way.sure
        if way.name is None:
            return _Plan(self.extra, self.absent, (*self.fresh, way), sure)
        if way.absent:
            if way.name in self.extra:
                return None
            return _Plan(self.extra, self.absent | {way.name}, self.fresh, sure)
        if way.name in self.absent:
            return None
        extra = {**self.extra, way.name: (*self.extra.get(way.name, ()), *way.wanted)}
        return _Plan(extra, self.absent, self.fresh, sure)


def object_for(tests: dict[Formula, bool], search: Search) -> Outcome:
    """Find an object, one with few members rather than another."""
    wanted = _Objects(tests, search)
    if wanted.impossible:
        return NONE
    return wanted.outcome()


class _Objects:
    def __init__(self, tests: dict[Formula, bool], search: Search) -> None:
        self._search: Final = search
        self._members: Final = [t for t, s in tests.items() if s and isinstance(t, Members)]
        self._named: Final = [t.part for t, s in tests.items() if s and isinstance(t, Names)]
        self._known: Final = list(_mentioned(tests))
        self._values: Final[dict[str, tuple[Signed, ...]]] = {}
        self._clear: Final[dict[str, bool]] = {}
        self._span: Final = Span()
        self.impossible = False
        required: list[str] = []
        absent: set[str] = set()
        for test, sign in tests.items():
            match test:
                case Has(name):
                    (required.append if sign else absent.add)(name)
                case Size():
                    self._span.narrow(test, sign)
                case _:
                    pass
        absent.update(name for name in self._known if self._allows(name) is False)
        self.impossible = not absent.isdisjoint(required) or (
            self._span.is_empty or len(set(required)) > self._most
        )
        self._start: Final = _Plan(dict.fromkeys(required, ()), frozenset(absent))
        self._tests: Final = tests

    @property
    def _most(self) -> float:
        return inf if self._span.most is None else self._span.most

    def outcome(self) -> Outcome:
        for name in self._start.extra:
            if isinstance(self._value(name, ()), NoValue):
                return NONE
        demands: list[list[_Way]] = []
        asked = list(self._demands())
        for ways in asked:
            if len(asked) > 1 and any(self._is_met(way) for way in ways):
                continue
            possible = [way for way in ways if self._possible(way)]
            if not possible:
                return NONE
            demands.append(possible)
        demands.sort(key=len)
        return self._met(demands, 0, self._start)

    def _demands(self) -> Iterable[list[_Way]]:
        for test, sign in self._tests.items():
            match test:
                case Members() if not sign:
                    yield list(self._breaking(test))
                case Names(part) if not sign:
                    yield list(self._misnamed(part))
                case Literally(values) if not sign:
                    for value in values.values():
                        if is_object(value):
                            yield list(self._other_than(value))
                case _:
                    pass

    def _breaking(self, members: Members) -> Iterable[_Way]:
        for name in self._known:
            parts, clear = _at(members, name)
            for part in parts:
                if part is not self._search.formulas.true:
                    yield _Way(name, ((part, False),), sure=clear)
        make = self._search.formulas
        for pattern, part in members.patterned:
            if part is not make.true:
                yield _Way(None, ((part, False),), ((make.of(Pattern, pattern), True),))
        if members.others is not make.true:
            unmatched = tuple((make.of(Pattern, text), False) for text, _ in members.patterned)
            yield _Way(None, ((members.others, False),), unmatched)

    def _misnamed(self, part: Formula) -> Iterable[_Way]:
        for name in self._known:
            fits = Evaluation(name, self._search.budget).fits(part, name)
            if fits is not True:
                yield _Way(name, sure=fits is False)
        yield _Way(None, named=((part, False),))

    def _other_than(self, value: dict[str, object]) -> Iterable[_Way]:
        for name, member in value.items():
            yield _Way(name, absent=True)
            yield _Way(name, (self._search.excluding(member),))
        for name in self._known:
            if name not in value:
                yield _Way(name)
        yield _Way(None)

    def _is_met(self, way: _Way) -> bool:
        """Whether every object here goes this way."""
        if way.name is None or not way.sure:
            return False
        if way.absent or way.name not in self._start.extra:
            return way.absent and way.name in self._start.absent
        return all(
            isinstance(self._value(way.name, ((part, not sign),)), NoValue)
            for part, sign in way.wanted
        )

    def _possible(self, way: _Way) -> bool:
        if way.name is None:
            return not isinstance(self._fresh(way, ()), NoValue)
        if way.absent:
            return way.name not in self._start.extra
        if way.name in self._start.absent:
            return False
        return not isinstance(self._value(way.name, way.wanted), NoValue)

    def _met(self, demands: list[list[_Way]], number: int, plan: _Plan) -> Outcome:
        """Go each way of each demand, from ``number`` on."""
        self._search.budget.spend()
        if number == len(demands):
            return self._carried_out(plan)
        if number >= _MOST_DEMANDS:
            return Open("an object must differ from many others")
        best: Outcome = NONE
        for way in demands[number]:
            further = plan.going(way)
            if further is None:
                continue
            if way.name is not None and not way.absent:
                value = self._value(way.name, further.extra[way.name])
                if isinstance(value, NoValue):
                    continue
            best = better(best, self._met(demands, number + 1, further))
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _carried_out(self, plan: _Plan) -> Outcome:
        made: dict[str, object] = {}
        sure = plan.sure
        for name, extra in plan.extra.items():
            found = self._value(name, extra)
            if not isinstance(found, Found):
                return found
            made[name] = found.value
            sure = sure and found.sure and self._clear.get(name, True)
        for way in plan.fresh:
            found = self._fresh(way, tuple(made))
            if not isinstance(found, Found):
                return found
            made |= _member(found)
            sure = sure and found.sure
        if len(made) > self._most:
            # Two demands may be met by one member that no test mentions.
            return Open("an object is to hold few members") if len(plan.fresh) > 1 else NONE
        return self._padded(made, plan, sure) if len(made) < self._span.least else Found(made, sure)

    def _padded(self, made: dict[str, object], plan: _Plan, sure: bool) -> Outcome:
        """Add members until there are enough."""
        if self._span.least > _MOST_MEMBERS:
            return Open("an object would be very large")
        doubt: Outcome = NONE
        for name in self._known:
            if len(made) < self._span.least and name not in made and name not in plan.absent:
                found = self._value(name, ())
                doubt = better(doubt, found if isinstance(found, Open) else NONE)
                if isinstance(found, Found):
                    made[name] = found.value
                    sure = sure and found.sure and self._clear.get(name, True)
        while len(made) < self._span.least:
            found = self._fresh(_Way(None), tuple(made))
            if not isinstance(found, Found):
                return better(doubt, found)
            made |= _member(found)
            sure = sure and found.sure
        return Found(made, sure)

    def _value(self, name: str, extra: tuple[Signed, ...]) -> Outcome:
        if name not in self._values:
            wanted: list[Signed] = []
            self._clear[name] = self._allows(name) is True
            for members in self._members:
                parts, clear = _at(members, name)
                self._clear[name] = self._clear[name] and clear
                wanted.extend((part, True) for part in parts if clear)
            self._values[name] = tuple(wanted)
        return self._search.value((*self._values[name], *extra))

    def _allows(self, name: str) -> bool | None:
        evaluation = Evaluation(name, self._search.budget)
        return evaluation.holds((part, True) for part in self._named)

    def _fresh(self, way: _Way, taken: tuple[str, ...]) -> Outcome:
        """A member with a name that no test mentions: an object with it alone."""
        make = self._search.formulas
        patterns = sorted({text for members in self._members for text, _ in members.patterned})
        if len(patterns) > _MOST_PATTERNS:
            return Open("many patterns speak of the members of one object")
        fixed = dict(way.named)
        best: Outcome = NONE
        for signs in product((False, True), repeat=len(patterns)):
            matched = dict(zip(patterns, signs, strict=True))
            named: dict[Formula, bool] = {make.of(Pattern, p): s for p, s in matched.items()}
            if any(fixed.get(pattern, sign) is not sign for pattern, sign in named.items()):
                continue
            value = self._search.value((*self._in_class(matched), *way.wanted))
            if isinstance(value, NoValue):
                continue
            name = self._name({*named.items(), *way.named}, taken)
            if isinstance(name, Found) and isinstance(value, Found):
                both = name.sure and value.sure
                best = better(best, Found({str(name.value): value.value}, both))
                if both:
                    break
            elif not isinstance(name, NoValue):
                best = better(best, Open("no name was found for a member"))
        return best

    def _in_class(self, matched: dict[str, bool]) -> Iterable[Signed]:
        for members in self._members:
            fitting = [part for text, part in members.patterned if matched[text]]
            for part in fitting or [members.others]:
                yield (part, True)

    def _name(self, wanted: set[Signed], taken: tuple[str, ...]) -> Outcome:
        make = self._search.formulas
        demands = [
            *((part, True) for part in self._named),
            *wanted,
            (make.literally([*self._known, *taken]), False),
        ]
        # A name is easier to read than none.
        some = make.of(Size, "string", 1, False)
        found = self._search.of_kind("string", [*demands, (some, True)])
        if isinstance(found, Found) and found.sure:
            return found
        return better(found, self._search.of_kind("string", demands))


_MOST_DEMANDS: Final = 30


def _member(found: Found) -> dict[str, object]:
    return found.value if is_object(found.value) else {}


def _mentioned(tests: Iterable[Formula]) -> dict[str, None]:
    names: dict[str, None] = {}
    for test in tests:
        match test:
            case Has(name):
                names[name] = None
            case Members():
                names.update(dict.fromkeys(test.named))
            case Literally(values):
                for value in values.values():
                    if is_object(value):
                        names.update(dict.fromkeys(value))
            case _:
                pass
    return names


def _at(members: Members, name: str) -> tuple[list[Formula], bool]:
    """What a member of this name must fit, and whether that is certain."""
    parts: list[Formula] = []
    sure = True
    known = name in members.named
    if known:
        parts.append(members.named[name])
    for pattern, part in members.patterned:
        matches = words.matches(pattern, name)
        if matches is not False:
            known = True
            parts.append(part)
        sure = sure and matches is not None
    if not known or not sure:
        parts.append(members.others)
    return parts, sure
