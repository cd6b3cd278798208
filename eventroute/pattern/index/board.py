"""Few rules side by side: each is a bit, and a path gives the mask of the rules that it allows.

The rules that an event meets are those that all paths allow. That beats the trie while rules are
few, since it asks each path once and compares whole masks.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from eventroute.pattern.index.column import Column
from eventroute.pattern.index.masks import EXACT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eventroute.pattern.index.leaf import Finding
    from eventroute.pattern.index.node import Entry

__all__ = ["Board"]

Name = TypeVar("Name")

_FEW: Final = 12
"""So many bits are taken one by one; more of them, eight at a time."""


_Find: TypeAlias = "Callable[[str, int | None], int | None]"

_Row: TypeAlias = "tuple[int, int, Column, _Find, int | None, list[int | float] | None, list[int]]"
"""One path as `Board.find` asks it: its index, the rules that ask nothing of it, its column, and
what the column gives beforehand: its `LookUp`; starts and masks of its `Line`, if it has one."""


class Board(Generic[Name]):
    """Entries whose first clauses are known to be met.

    :ivar tests: how many tests the entries ask for.
    :param indexes: the index of each path among an event's findings.
    :param met: how many clauses of each entry are known to be met.
    :param remembers: whether to remember what texts led to; for a board that every event asks.
    """

    __slots__ = (
        "_columns",
        "_entries",
        "_indexes",
        "_met",
        "_named",
        "_remembers",
        "_rows",
        "_shared",
        "_used",
        "tests",
    )

    def __init__(self, indexes: dict[str, int], met: int, *, remembers: bool) -> None:
        self._indexes = indexes
        self._met = met
        self._remembers = remembers
        self._entries: list[Entry[Name] | None] = []
        self._used = 0
        self.tests = 0
        self._columns: dict[int, Column] = {}
        self._rows: list[_Row] = []
        self._shared: dict[tuple[str, ...], int] = {}
        self._named: dict[tuple[int, int], list[Entry[Name]]] = {}

    @property
    def entries(self) -> list[Entry[Name]]:
        """The entries, in no order."""
        return [one for one in self._entries if one is not None]

    @property
    def width(self) -> int:
        """How many paths the entries ask for."""
        return len(self._columns)

    def __len__(self) -> int:
        return self._used.bit_count()

    def add(self, entry: Entry[Name]) -> None:
        """Put an entry on the board."""
        bit = ~self._used & (self._used + 1)  # the lowest bit that is free
        number = bit.bit_length() - 1
        if number == len(self._entries):
            self._entries.append(None)
        self._entries[number] = entry
        entry.place = number
        for clause in entry.rule[self._met :]:
            index = self._indexes[clause.path]
            if index not in self._columns:
                self._columns[index] = Column(remembers=self._remembers)
            self._columns[index].add(clause.matchers, bit)
            self.tests += len(clause.matchers)
        for way in entry.shared:
            self._shared[way] = self._shared.get(way, 0) | bit
        self._used |= bit
        self._changed()

    def remove(self, entry: Entry[Name]) -> None:
        """Take an entry from the board."""
        bit = 1 << entry.place
        self._entries[entry.place] = None
        self._used &= ~bit  # which clears it everywhere, until another entry has its place
        for clause in entry.rule[self._met :]:
            index = self._indexes[clause.path]
            self._columns[index].remove(clause.matchers, bit)
            self.tests -= len(clause.matchers)
            if not self._columns[index].asking:
                del self._columns[index]
        for way in entry.shared:
            self._shared[way] &= ~bit
            if not self._shared[way]:
                del self._shared[way]
        self._changed()

    def _changed(self) -> None:
        # New containers: a reader that is at work meanwhile writes into the old ones.
        self._named = {}
        self._rows = []

    def _written_rows(self) -> list[_Row]:
        rows = self._rows
        if not rows:
            # The path that most rules ask for first: often one look decides.
            columns = sorted(self._columns.items(), key=lambda one: -one[1].asking.bit_count())
            written: list[_Row] = []
            for index, column in columns:
                look_up, otherwise = column.look_up()
                line = column.line()
                starts, masks = (None, []) if line is None else (line.starts, line.masks)
                free = self._used & ~column.asking
                written.append((index, free, column, look_up, otherwise, starts, masks))
            rows += written  # in one step: another reader may be at it
        return rows

    def find(self, findings: Sequence[Finding]) -> int:
        """The mask of the entries that an event meets."""
        mask = self._used
        rows = self._rows or self._written_rows()
        for index, free, column, look_up, otherwise, starts, masks in rows:
            found = findings[index]
            kind = found.__class__
            if kind is str:
                allowed = look_up(found, otherwise)
                if allowed is None:
                    allowed = column.find_text(found)
            elif (kind is float or kind is int) and starts is not None and -EXACT < found < EXACT:
                allowed = masks[bisect_right(starts, found)]
            else:
                allowed = column.find(found)
            mask &= allowed | free
            if not mask:
                break
        return mask

    def sharing(self, mask: int, arrays: Iterable[tuple[str, ...]]) -> int:
        """Of a mask, the entries of which one element of an array must meet several clauses."""
        sharing = 0
        for way in arrays:
            sharing |= self._shared.get(way, 0)
        return mask & sharing

    def named(self, mask: int) -> list[Entry[Name]]:
        """The entries of a mask."""
        found: list[Entry[Name]] = []
        entries = self._entries
        if mask.bit_count() <= _FEW:
            while mask:
                place = mask.bit_length() - 1
                mask ^= 1 << place
                entry = entries[place]
                if entry is not None:
                    found.append(entry)
            return found
        named = self._named
        for place, eight in enumerate(mask.to_bytes(len(entries) // 8 + 1, "little")):
            if eight:
                some = named.get((place, eight))
                if some is None:
                    some = named[place, eight] = [
                        entry
                        for bit, entry in enumerate(entries[8 * place : 8 * place + 8])
                        if entry and eight >> bit & 1
                    ]
                found += some
        return found
