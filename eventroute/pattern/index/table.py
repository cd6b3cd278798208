"""At one place, for one path: what the clauses lead to that a finding meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from eventroute.pattern.index.families import FAMILIES, UNKNOWN
from eventroute.pattern.index.leaf import leaves_of
from eventroute.pattern.index.memo import Memo
from eventroute.pattern.index.parts import OneByOne
from eventroute.pattern.operators import AnythingBut, Exists, Literal, Number, Text
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from eventroute.pattern.index.leaf import Finding
    from eventroute.pattern.index.parts.part import Part
    from eventroute.pattern.operators import Matcher

__all__ = ["Table"]

Target = TypeVar("Target")

_NONE: Final[Sequence[Any]] = ()


class Table(Generic[Target]):
    """The clauses of one path, each leading to a target of its own.

    Bare values are looked up in hash tables, other operators in their parts.

    :ivar texts: where bare texts lead to.
    :ivar is_plain: whether a text leads nowhere else.
    :param make: makes a target; they are told apart by identity.
    :param remembers: whether to remember what texts led to; for a table that every event asks.
    """

    __slots__ = (
        "_absent",
        "_exact",
        "_excluded",
        "_make",
        "_memo",
        "_number_parts",
        "_other_parts",
        "_overlapping",
        "_present",
        "_remembers",
        "_text_parts",
        "_unless",
        "is_plain",
        "targets",
        "texts",
    )

    def __init__(self, make: Callable[[], Target], *, remembers: bool = False) -> None:
        self._make = make
        self._remembers = remembers
        self.targets: dict[tuple[Matcher, ...], Target] = {}
        self.texts: dict[str, list[Target]] = {}
        self.is_plain = True
        # Numbers, and True beside 1, would be one key in one dictionary.
        self._exact: dict[type, dict[Any, list[Target]]] = {str: self.texts}
        self._text_parts: dict[type, Part] = {}
        self._number_parts: dict[type, Part] = {}
        self._other_parts: dict[type, Part] = {}
        self._present: list[Target] = []
        self._absent: list[Target] = []
        # ``anything-but``: a table of what is excluded leads to a stand-in for each.
        self._unless: dict[tuple[AnythingBut, Target], object] = {}
        self._excluded: Table[object] | None = None
        self._overlapping = 0
        self._memo: Memo[Target] | None = None

    def target(self, matchers: tuple[Matcher, ...]) -> Target:
        """The target of a clause, made when it is new."""
        target = self.targets.get(matchers)
        if target is None:
            target = self._make()
            self.add(matchers, target)
        return target

    def add(self, matchers: tuple[Matcher, ...], target: Target) -> None:
        """Let a clause lead to a target."""
        for test in dict.fromkeys(matchers):
            self._add(test, target)
        self.targets[matchers] = target
        self._overlapping += len(matchers) > 1
        self._changed()

    def remove(self, matchers: tuple[Matcher, ...]) -> None:
        """Forget a clause."""
        target = self.targets.pop(matchers)
        for test in dict.fromkeys(matchers):
            self._remove(test, target)
        self._overlapping -= len(matchers) > 1
        self._changed()

    def find(self, found: Finding) -> Sequence[Target]:
        """The targets of all clauses that the finding meets, each once."""
        kind = found.__class__
        if kind is str:
            if self._memo is not None:
                return self._memo.find(found)
            return self._find(str, found, self._text_parts)
        if kind is float or kind is int:
            number = comparable(found) if kind is int or found.is_integer() else found
            return self._find(float, number, self._number_parts)
        if kind is bool or found is None:
            return self._find(kind, found, self._other_parts)
        if kind is list:
            return self._find_several(found)
        return self._absent  # nothing, or an object, which is no leaf

    def _find_text(self, text: str) -> Sequence[Target]:
        return self._find(str, text, self._text_parts)

    def _find(self, kind: type, leaf: Hashable, parts: dict[type, Part]) -> Sequence[Target]:
        exact = self._exact.get(kind)
        hits = _NONE if exact is None else exact.get(leaf, _NONE)
        for part in parts.values():
            found = part.find(leaf)
            hits = [*hits, *found] if hits else found
        if self._present:
            hits = [*hits, *self._present]
        if self._unless:
            hits = [*hits, *self._not_excluded(leaf)]
        return list(dict.fromkeys(hits)) if self._overlapping and len(hits) > 1 else hits

    def _find_several(self, found: list[Finding]) -> Sequence[Target]:
        several = leaves_of(found)
        if not several:
            return self._absent
        hits: dict[Target, None] = {}
        for leaf in several:
            for target in self.find(leaf):
                hits[target] = None
            if len(hits) == len(self.targets):
                break
        return list(hits)

    def _changed(self) -> None:
        # Remembering pays only where finding takes more than one look-up.
        self.is_plain = not (self._text_parts or self._present or self._unless)
        if self._remembers:
            self._memo = None if self.is_plain else Memo(self._find_text)

    def _not_excluded(self, leaf: Finding) -> list[Target]:
        excluded = () if self._excluded is None else self._excluded.find(leaf)
        apart = set(excluded)
        return [target for (_, target), stand_in in self._unless.items() if stand_in not in apart]

    def _add(self, test: Matcher, target: Target) -> None:
        if isinstance(test, Text | Number | Literal):
            kind, value = _key(test)
            self._exact.setdefault(kind, {}).setdefault(value, []).append(target)
        elif isinstance(test, Exists):
            (self._present if test.present else self._absent).append(target)
        elif isinstance(test, AnythingBut):
            if self._excluded is None:
                self._excluded = Table(object)
            stand_in = self._unless[test, target] = object()
            for excluded in dict.fromkeys(test.excluded):
                self._excluded._add(excluded, stand_in)
            self._excluded._changed()
        else:
            for parts in self._parts_for(test):
                part = parts.get(type(test))
                if part is None:
                    part = parts[type(test)] = FAMILIES.get(type(test), UNKNOWN).part()
                part.add(test, target)

    def _remove(self, test: Matcher, target: Target) -> None:
        if isinstance(test, Text | Number | Literal):
            kind, value = _key(test)
            values = self._exact[kind]
            values[value].remove(target)
            if not values[value]:
                del values[value]
        elif isinstance(test, Exists):
            (self._present if test.present else self._absent).remove(target)
        elif isinstance(test, AnythingBut):
            stand_in = self._unless.pop((test, target))
            if self._excluded is not None:
                for excluded in dict.fromkeys(test.excluded):
                    self._excluded._remove(excluded, stand_in)
                self._excluded._changed()
        else:
            for parts in self._parts_for(test):
                parts[type(test)].remove(test, target)
                if not len(parts[type(test)]):
                    del parts[type(test)]

    def _parts_for(self, test: Matcher) -> tuple[dict[type, Part], ...]:
        family = FAMILIES.get(type(test), UNKNOWN)
        if family.part is OneByOne:
            return self._text_parts, self._number_parts, self._other_parts
        return (self._number_parts if family.numbers else self._text_parts,)


def _key(test: Text | Number | Literal) -> tuple[type, Hashable]:
    if isinstance(test, Text):
        return str, test.text
    if isinstance(test, Number):
        return float, test.number
    return type(test.literal), test.literal
