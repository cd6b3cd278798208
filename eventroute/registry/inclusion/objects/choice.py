"""Chooses the members of an object.

Members that any test names are looked at one by one. All other names fall into classes, by the
patterns that they match; one name of each class stands for it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion.formula import Has, Size
from eventroute.registry.inclusion.objects.demands import demands
from eventroute.registry.inclusion.objects.members import MemberSearch
from eventroute.registry.inclusion.objects.plan import Plan, Way
from eventroute.registry.inclusion.outcome import NONE, Found, NoValue, Open, Outcome, better
from eventroute.registry.inclusion.span import Span
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.search import Search

__all__ = ["object_for"]

_MOST_MEMBERS: Final = 300
_MOST_DEMANDS: Final = 30


def object_for(tests: dict[Formula, bool], search: Search) -> Outcome:
    """Find an object, one with few members rather than another."""
    wanted = _Objects(tests, search)
    if wanted.impossible:
        return NONE
    return wanted.outcome()


class _Objects:
    def __init__(self, tests: dict[Formula, bool], search: Search) -> None:
        self._tests: Final = tests
        self._search: Final = search
        self._members: Final = MemberSearch(tests, search)
        self._span: Final = Span()
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
        known = self._members.known
        absent.update(name for name in known if self._members.allows(name) is False)
        self.impossible: Final = not absent.isdisjoint(required) or (
            self._span.is_empty or len(set(required)) > self._most
        )
        self._start: Final = Plan(dict.fromkeys(required, ()), frozenset(absent))

    @property
    def _most(self) -> float:
        return inf if self._span.most is None else self._span.most

    def outcome(self) -> Outcome:
        for name in self._start.extra:
            if isinstance(self._members.value(name, ()), NoValue):
                return NONE
        open_demands: list[list[Way]] = []
        asked = list(demands(self._tests, self._members.known, self._search))
        for ways in asked:
            if len(asked) > 1 and any(self._is_met(way) for way in ways):
                continue
            possible = [way for way in ways if self._possible(way)]
            if not possible:
                return NONE
            open_demands.append(possible)
        open_demands.sort(key=len)
        return self._met(open_demands, 0, self._start)

    def _is_met(self, way: Way) -> bool:
        """Whether every object here goes this way."""
        if way.name is None or not way.sure:
            return False
        if way.absent or way.name not in self._start.extra:
            return way.absent and way.name in self._start.absent
        return all(
            isinstance(self._members.value(way.name, ((part, not sign),)), NoValue)
            for part, sign in way.wanted
        )

    def _possible(self, way: Way) -> bool:
        if way.name is None:
            return not isinstance(self._members.fresh(way, ()), NoValue)
        if way.absent:
            return way.name not in self._start.extra
        if way.name in self._start.absent:
            return False
        return not isinstance(self._members.value(way.name, way.wanted), NoValue)

    def _met(self, asked: list[list[Way]], number: int, plan: Plan) -> Outcome:
        """Go each way of each demand, from ``number`` on."""
        self._search.budget.spend()
        if number == len(asked):
            return self._carried_out(plan)
        if number >= _MOST_DEMANDS:
            return Open("an object must differ from many others")
        best: Outcome = NONE
        for way in asked[number]:
            further = plan.going(way)
            if further is None:
                continue
            if way.name is not None and not way.absent:
                value = self._members.value(way.name, further.extra[way.name])
                if isinstance(value, NoValue):
                    continue
            best = better(best, self._met(asked, number + 1, further))
            if isinstance(best, Found) and best.sure:
                break
        return best

    def _carried_out(self, plan: Plan) -> Outcome:
        made: dict[str, object] = {}
        sure = plan.sure
        for name, extra in plan.extra.items():
            found = self._members.value(name, extra)
            if not isinstance(found, Found):
                return found
            made[name] = found.value
            sure = sure and found.sure and self._members.is_clear(name)
        for way in plan.fresh:
            found = self._members.fresh(way, tuple(made))
            if not isinstance(found, Found):
                return found
            made |= _member(found)
            sure = sure and found.sure
        if len(made) > self._most:
            # Two demands may be met by one member that no test mentions.
            return Open("an object is to hold few members") if len(plan.fresh) > 1 else NONE
        return self._padded(made, plan, sure) if len(made) < self._span.least else Found(made, sure)

    def _padded(self, made: dict[str, object], plan: Plan, sure: bool) -> Outcome:
        """Add members until there are enough."""
        if self._span.least > _MOST_MEMBERS:
            return Open("an object would be very large")
        doubt: Outcome = NONE
        for name in self._members.known:
            if len(made) < self._span.least and name not in made and name not in plan.absent:
                found = self._members.value(name, ())
                doubt = better(doubt, found if isinstance(found, Open) else NONE)
                if isinstance(found, Found):
                    made[name] = found.value
                    sure = sure and found.sure and self._members.is_clear(name)
        while len(made) < self._span.least:
            found = self._members.fresh(Way(None), tuple(made))
            if not isinstance(found, Found):
                return better(doubt, found)
            made |= _member(found)
            sure = sure and found.sure
        return Found(made, sure)


def _member(found: Found) -> dict[str, object]:
    return found.value if is_object(found.value) else {}
