"""Few rules side by side: each is a bit, and a path gives the mask of the rules that it allows.

The rules that an event meets are those that all paths allow. That beats the trie while rules are
few, since it asks each path once and compares whole masks.

A rule that is removed leaves its bit behind, which no event is asked for any more. Once most bits
are left behind, the board is written anew.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from eventroute.pattern.index.column import Column
from eventroute.pattern.index.masks import EXACT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eventroute.pattern.index.leaf import Finding
    from eventroute.pattern.index.masks import Line
    from eventroute.pattern.index.node import Entry

__all__ = ["Board"]

Name = TypeVar("Name")

_FEW: Final = 12
"""So many bits are taken one by one; more of them, eight at a time."""


_Find: TypeAlias = "Callable[[str, int | None], int | None]"

_Row: TypeAlias = "tuple[int, _Find, int | None, Line | None, Column]"
"""One path as `Board.find` asks it: its index, its column, and what the column gives beforehand:
its `LookUp`, and its `Line`, if it has one."""


class Board(Generic[Name]):
    """Entries whose first clauses are known to be met.

    :ivar met: how many clauses of each entry are known to be met.
    :ivar tests: how many tests the entries ask for, those that were removed included.
    :ivar numbers: how many tests of numbers one path has, at most.
    :param indexes: the index of each path among an event's findings.
    :param remembers: whether to remember what texts led to; for a board that every event asks.
    """

    __slots__ = (
        "_columns",
        "_entries",
        "_indexes",
        "_named",
        "_names",
        "_remembers",
        "_rows",
        "_shared",
        "_used",
        "met",
        "numbers",
        "tests",
    )

    def __init__(self, indexes: dict[str, int], met: int, *, remembers: bool) -> None:
        self._indexes = indexes
        self.met = met
        self._remembers = remembers
        self._clear()

    def _clear(self) -> None:
        self._entries: list[Entry[Name] | None] = []
        self._names: list[Name] = []
        self._used = self.tests = self.numbers = 0
        self._columns: dict[int, Column] = {}
        self._rows: list[_Row] = []
        self._shared: dict[tuple[str, ...], int] = {}
        self._named: dict[tuple[int, int], list[Entry[Name]]] = {}

    @property
    def entries(self) -> list[Entry[Name]]:
        """The entries, in the order in which they came."""
        return [one for one in self._entries if one is not None]

    @property
    def width(self) -> int:
        """How many paths the entries ask for, those that were removed included."""
        return len(self._columns)

    def __len__(self) -> int:
        return self._used.bit_count()

    def add(self, entry: Entry[Name]) -> None:
        """Put an entry on the board."""
        entry.board, entry.place = self, len(self._entries)
        bit = 1 << entry.place
        self._entries.append(entry)
        self._names.append(entry.name)
        for clause in entry.rule[self.met :]:
            index = self._indexes[clause.path]
            if index not in self._columns:
                self._columns[index] = Column(remembers=self._remembers)
            column = self._columns[index]
            column.add(clause.matchers, bit)
            self.numbers = max(self.numbers, column.numbers)
            self.tests += len(clause.matchers)
        for way in entry.shared:
            self._shared[way] = self._shared.get(way, 0) | bit
        self._used |= bit
        # Others, last of all: a reader that is at work meanwhile writes into the old ones.
        self._rows = []
        self._named = {}

    def remove(self, entry: Entry[Name]) -> None:
        """Take an entry from the board."""
        entry.board = None
        self._entries[entry.place] = None
        self._used &= ~(1 << entry.place)
        if len(self._entries) > 2 * len(self):
            self._write_anew()
        self._named = {}  # as `add` does

    def compact(self) -> None:
        """Forget what was removed, if that is enough to be worth the work."""
        if 8 * (len(self._entries) - len(self)) > len(self._entries):
            self._write_anew()

    def _write_anew(self) -> None:
        left = self.entries
        self._clear()
        for one in left:
            self.add(one)

    def _written_rows(self) -> list[_Row]:
        rows = self._rows
        if not rows:
            # The path that most rules ask for first: often one look decides.
            columns = sorted(self._columns.items(), key=lambda one: -one[1].asking.bit_count())
            written: list[_Row] = []
            for index, column in columns:
                look_up, otherwise = column.look_up()
                written.append((index, look_up, otherwise, column.line(), column))
            rows += written  # in one step: another reader may be at it
        return rows

    def find(self, findings: Sequence[Finding]) -> int:
        """The mask of the entries that an event meets."""
        mask = self._used
        rows = self._rows or self._written_rows()
        for index, look_up, otherwise, line, column in rows:
            found = findings[index]
            kind = found.__class__
            if kind is str:
                allowed = look_up(found, otherwise)
                if allowed is None:
                    allowed = column.find_text(found)
            elif (kind is float or kind is int) and line is not None and -EXACT < found < EXACT:
                allowed = line.masks[bisect_right(line.starts, found)]
            else:
                allowed = column.find(found)
            mask &= allowed
            if not mask:
                break
        return mask

    def sharing(self, mask: int, arrays: Iterable[tuple[str, ...]]) -> int:
        """Of a mask, the entries of which one element of an array must meet several clauses."""
        sharing = 0
        for way in arrays:
            sharing |= self._shared.get(way, 0)
        return mask & sharing

    def names(self, mask: int) -> list[Name]:
        """The names of a mask's entries, in the order in which they came."""
        if mask.bit_count() > _FEW:
            return [entry.name for entry in self.named(mask)]
        names = self._names  # no entry has to be looked at
        return [names[place] for place in _places(mask)]

    def named(self, mask: int) -> list[Entry[Name]]:
        """The entries of a mask, in the order in which they came."""
        named = self._named  # before anything is looked at: a change takes another
        entries = self._entries
        if mask.bit_count() <= _FEW:
            return [entry for place in _places(mask) if (entry := entries[place]) is not None]
        found: list[Entry[Name]] = []
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


def _places(mask: int) -> list[int]:
    places: list[int] = []
    while mask:
        place = mask.bit_length() - 1
        mask ^= 1 << place
        places.append(place)
    places.reverse()
    return places
