"""What single members hold: those that a test names, and those of a class of other names."""

from __future__ import annotations

from itertools import product
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
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.objects.plan import Way
    from eventroute.registry.inclusion.search import Search

__all__ = ["MemberSearch", "parts_at"]

_MOST_PATTERNS: Final = 6


class MemberSearch:
    """Finds members for objects that fit tests.

    :ivar known: the names that any test mentions.
    """

    def __init__(self, tests: dict[Formula, bool], search: Search) -> None:
        self.known: Final = list(_mentioned(tests))
        self._search: Final = search
        self._members: Final = [t for t, s in tests.items() if s and isinstance(t, Members)]
        self._named: Final = [t.part for t, s in tests.items() if s and isinstance(t, Names)]
        self._values: Final[dict[str, tuple[Signed, ...]]] = {}
        self._clear: Final[dict[str, bool]] = {}

    def allows(self, name: str) -> bool | None:
        """Whether a member may have this name."""
        evaluation = Evaluation(name, self._search.budget)
        return evaluation.holds((part, True) for part in self._named)

    def is_clear(self, name: str) -> bool:
        """Whether it is certain what the member must fit, once its value was asked for."""
        return self._clear.get(name, True)

    def value(self, name: str, extra: tuple[Signed, ...]) -> Outcome:
        """A value for the member of this name, which fits the extra tests, too."""
        if name not in self._values:
            wanted: list[Signed] = []
            self._clear[name] = self.allows(name) is True
            for members in self._members:
                parts, clear = parts_at(members, name)
                self._clear[name] = self._clear[name] and clear
                wanted.extend((part, True) for part in parts if clear)
            self._values[name] = tuple(wanted)
        return self._search.value((*self._values[name], *extra))

    def fresh(self, way: Way, taken: tuple[str, ...]) -> Outcome:
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
            (make.literally([*self.known, *taken]), False),
        ]
        # A name is easier to read than none.
        some = make.of(Size, "string", 1, False)
        found = self._search.of_kind("string", [*demands, (some, True)])
        if isinstance(found, Found) and found.sure:
            return found
        return better(found, self._search.of_kind("string", demands))


def parts_at(members: Members, name: str) -> tuple[list[Formula], bool]:
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
