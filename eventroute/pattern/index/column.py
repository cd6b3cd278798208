"""On a board, the tests of one path: which rules a finding allows there, as a mask of bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute.pattern.index.families import FAMILIES, UNKNOWN
from eventroute.pattern.index.leaf import SCALARS, leaves_of
from eventroute.pattern.index.masks import Line
from eventroute.pattern.index.table import Table
from eventroute.pattern.operators import (
    AnythingBut,
    Exists,
    Number,
    Range,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eventroute.pattern.index.leaf import Finding
    from eventroute.pattern.index.masks.part import Masks
    from eventroute.pattern.operators import Matcher

__all__ = ["Column", "LookUp"]

_MOST_TEXTS: Final = 1_024
"""Most texts whose mask is remembered at a time."""

_LONGEST: Final = 256
"""Characters of the longest text whose mask is remembered."""

_NUMBERS: Final = frozenset({float, int})


LookUp: TypeAlias = "tuple[Callable[[str, Any], int | None], int | None]"
"""What gives the mask of a text, and its second argument. That comes back for a text that is not
known: the mask of all such texts, or ``None`` where :meth:`Column.find_text` has to be asked."""


class Column:
    """The clauses of one path; they come, and go with the column.

    The masks that it gives allow all rules but those that ask for something else here; so they
    have infinitely many bits, and are right for rules that come later and ask for nothing here.
    Operators without masks of their own are kept in a table.

    :ivar asking: all rules that ask for something here.
    :param remembers: whether to remember the masks of texts.
    """

    __slots__ = (
        "_absent",
        "_but",
        "_line",
        "_look_up",
        "_masks",
        "_memo",
        "_numbers",
        "_others",
        "_present",
        "_remembers",
        "_texts",
        "_wants_numbers",
        "asking",
    )

    def __init__(self, *, remembers: bool) -> None:
        self.asking = 0
        self._remembers = remembers
        self._texts: dict[str, int] = {}
        self._present = 0
        self._absent = 0
        self._numbers: dict[Number | Range, int] = {}
        self._line: list[Line] = []
        self._masks: dict[type, Masks] = {}
        self._but: Column | None = None
        self._others: Table[_Rules] | None = None
        self._wants_numbers = False
        self._look_up: list[LookUp] = []
        self._memo: dict[str, int] = {}

    @property
    def numbers(self) -> int:
        """How many tests of numbers there are."""
        return len(self._numbers)

    def add(self, matchers: Sequence[Matcher], bit: int) -> None:
        """Let a rule ask for one of these tests; it asks once."""
        self.asking |= bit
        for test in _once(matchers):
            self._add(test, bit)
        self._changed()

    def _add(self, test: Matcher, bit: int) -> None:
        if isinstance(test, Text):
            self._texts[test.text] = self._texts.get(test.text, 0) | bit
        elif isinstance(test, Number | Range):
            self._numbers[test] = self._numbers.get(test, 0) | bit
        elif isinstance(test, Exists) and test.present:
            self._present |= bit
        elif isinstance(test, Exists):
            self._absent |= bit
        elif (make := _masks_for(test)) is not None:
            if type(test) not in self._masks:
                self._masks[type(test)] = make()
            self._masks[type(test)].add(test, bit)
        elif isinstance(test, AnythingBut) and not (self._but and self._but.asking & bit):
            if self._but is None:
                self._but = Column(remembers=False)
            self._but.add(test.excluded, bit)
        else:
            if self._others is None:
                self._others = Table(_Rules)
            self._others.target((test,)).mask |= bit
            self._wants_numbers |= FAMILIES.get(type(test), UNKNOWN).numbers

    def find(self, found: Finding) -> int:
        """The rules that a finding allows."""
        kind = found.__class__
        if kind is str:
            look_up, otherwise = self.look_up()
            mask = look_up(found, otherwise)
            return self.find_text(found) if mask is None else mask
        if kind is float or kind is int:
            return self._number(found)
        if kind is list:
            return self._several(found)
        if kind is bool or found is None:
            return self._leaf(found, self._others)
        return self._absent | ~self.asking  # nothing, or an object, which is no leaf

    def look_up(self) -> LookUp:
        """See `LookUp`."""
        known = self._look_up
        if not known:
            known.append(self._written_look_up())
        return known[0]

    def _written_look_up(self) -> LookUp:
        but, any_text = self._but, self._present | ~self.asking
        if not (self._masks or self._others or (but and (but._masks or but._others))):
            if but is None:
                known = {text: mask | any_text for text, mask in self._texts.items()}
                return known.get, any_text
            known = {
                text: self._texts.get(text, 0) | any_text | (but.asking & ~but._texts.get(text, 0))
                for text in {*self._texts, *but._texts}
            }
            return known.get, any_text | but.asking
        if self._remembers:
            return self._memo.get, None
        if not (self._texts or but or self._others):
            *others, masks = self._masks.values()
            if not others:
                return masks.find, any_text
        return self.find_text, None

    def line(self) -> Line | None:
        """The masks of all numbers, where they are known and rules name numbers."""
        if not self._numbers or self._but or self._wants_numbers:
            return None
        return self._drawn_line()

    def find_text(self, text: str, _: int | None = None) -> int:
        """The rules that a text allows, whether known or not."""
        memo = self._memo  # before anything is looked at: a change takes another
        mask = self._texts.get(text, 0) | self._leaf(text, self._others)
        for masks in self._masks.values():
            mask |= masks.find(text, 0)
        if self._remembers and len(text) <= _LONGEST:
            if len(memo) >= _MOST_TEXTS:
                memo.clear()
            memo[text] = mask
        return mask

    def _number(self, number: int | float) -> int:
        if not self._numbers:
            return self._leaf(number, self._others if self._wants_numbers else None)
        mask = self._drawn_line().find(number)
        if self._but or self._wants_numbers:
            mask |= self._leaf(number, self._others if self._wants_numbers else None)
        return mask

    def _leaf(self, found: Finding, others: Table[_Rules] | None) -> int:
        """What any leaf may meet, of whichever type it is."""
        mask = self._present | ~self.asking
        if self._but is not None:
            mask |= self._but.asking & ~self._but.find(found)
        if others is not None:
            for rules in others.find(found):
                mask |= rules.mask
        return mask

    def _drawn_line(self) -> Line:
        line = self._line
        if not line:
            line.append(Line(self._numbers.items(), always=self._present | ~self.asking))
        return line[0]

    def _several(self, found: list[Finding]) -> int:
        kinds = {*map(type, found)}
        if kinds <= _NUMBERS and found and not (self._but or self._wants_numbers):
            return self._drawn_line().find_any(found)
        several = found if kinds <= SCALARS else leaves_of(found)
        if not several:
            return self._absent | ~self.asking
        mask = 0
        for leaf in several:
            mask |= self.find(leaf)
        return mask

    def _changed(self) -> None:
        # New containers: a reader that is at work meanwhile writes into the old ones.
        # What is remembered goes first: a look-up that is written now leads to it.
        self._memo = {}
        self._line = []
        self._look_up = []


def _masks_for(test: Matcher) -> type[Masks] | None:
    masks = FAMILIES.get(type(test), UNKNOWN).masks
    return masks if masks is not None and masks.keeps(test) else None


def _once(matchers: Sequence[Matcher]) -> Iterable[Matcher]:
    return matchers if len(matchers) == 1 else dict.fromkeys(matchers)


class _Rules:
    """Those that ask for the same test."""

    __slots__ = ("mask",)

    def __init__(self) -> None:
        self.mask = 0
