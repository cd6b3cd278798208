"""The index: names, patterns, and the event that is matched against all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from functools import lru_cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, final

from eventroute.errors import NameNotFoundError, NameTakenError
from eventroute.pattern.event_values import EventLike, Object, read_event
from eventroute.pattern.index.leaf import NO_WAYS, UnusualEventError
from eventroute.pattern.index.mapping import read_whole
from eventroute.pattern.index.nearest import NearMiss, nearest
from eventroute.pattern.index.node import Entry
from eventroute.pattern.index.reader import Reader
from eventroute.pattern.index.trie import MOST_ENTRIES, Trie, rank
from eventroute.pattern.match import Matching, build
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from eventroute.pattern.clause import Clause, SubRule

__all__ = ["PatternIndex"]

Name = TypeVar("Name", bound=Hashable)

_MOST_ANSWERS: Final = 1_024
"""Most lists of names that are remembered at a time."""

_FEW_PATHS: Final = 64
"""So many paths are never worth forgetting."""


@final
class PatternIndex(Generic[Name]):
    """Named patterns, all matched against one event.

    The event's text is parsed once, and of it only what lies at paths that patterns name. The
    cost of a match grows with what the event meets, hardly with the number of patterns; see
    ``docs/patterns.md`` for where it does.

    Patterns may be added and removed at any time; other threads may match meanwhile. A match
    sees each addition and removal whole or not at all.
    """

    def __init__(self, *, _most_on_a_board: int = MOST_ENTRIES) -> None:
        self._most = _most_on_a_board  # tests try the trie with fewer
        self._entries: dict[Name, tuple[Entry[Name], ...]] = {}
        self._numbers = count()
        self._indexes: dict[str, int] = {}
        self._uses: dict[str, int] = {}  # clauses by path
        self._trie: Trie[Name] = Trie(self._indexes, self._most)
        self._reader: Reader | None = Reader(())
        self._size = 0  # entries
        self._removed = 0  # since the trie was built
        self._answers: dict[int, list[Name]] = {}  # by mask, while all rules are on one board
        # Changes and the making of readers take the lock; matches do without while they can.
        # `_changes` is odd while a change is under way: a match that finds it odd, or moved since
        # it began, may have met half of a change, and asks once more under the lock. What matches
        # remember meanwhile goes into containers that they took before they looked anything up; a
        # change puts others in their place, and `None` in that of a reader that lacks a path.
        self._lock = Lock()
        self._changes = 0

    def add(self, name: Name, pattern: Pattern | str | bytes | Mapping[str, Any]) -> None:
        """Add a pattern.

        :param pattern: a `Pattern`, or what `Pattern` accepts.
        :raises NameTakenError: the name is in use; remove it first.
        :raises PatternError: the pattern is not valid.
        """
        rules = (pattern if isinstance(pattern, Pattern) else Pattern(pattern)).sub_rules
        with self._lock:
            if name in self._entries:
                raise NameTakenError(f"a pattern named {name!r} is in the index; remove it first")
            self._changes += 1
            try:
                self._add(name, rules)
            except BaseException:
                self._entries.pop(name, None)
                self._build()  # a change that fails leaves nothing behind
                raise
            finally:
                self._answers = {}
                self._changes += 1

    def _add(self, name: Name, rules: tuple[SubRule, ...]) -> None:
        number = next(self._numbers)
        entries = tuple(self._entry(name, number, rule) for rule in rules)
        for entry in entries:
            self._trie.add(entry)
        self._entries[name] = entries
        self._size += len(entries)

    def _entry(self, name: Name, number: int, rule: SubRule) -> Entry[Name]:
        for clause in rule:
            if clause.path not in self._indexes:
                self._indexes[clause.path] = len(self._indexes)
                self._reader = None  # the next match makes another
        self._count(rule)
        ordered = self._in_order(rule)
        return Entry(name, number, ordered, _shared(tuple([clause.path for clause in ordered])))

    def _in_order(self, clauses: Iterable[Clause]) -> SubRule:
        return tuple(sorted(clauses, key=lambda clause: (rank(clause), self._indexes[clause.path])))

    def remove(self, name: Name) -> None:
        """Remove a pattern.

        :raises NameNotFoundError: nothing has that name.
        """
        with self._lock:
            if name not in self._entries:
                raise NameNotFoundError(f"no pattern named {name!r} is in the index")
            self._changes += 1
            try:
                self._remove(self._entries.pop(name))
            except BaseException:
                self._build()
                raise
            finally:
                self._answers = {}
                self._changes += 1

    def _remove(self, entries: tuple[Entry[Name], ...]) -> None:
        for entry in entries:
            self._trie.remove(entry)
            for clause in entry.rule:
                self._uses[clause.path] -= 1
                if not self._uses[clause.path]:
                    del self._uses[clause.path]
        self._size -= len(entries)
        self._removed += len(entries)
        many = len(self._indexes)
        unused_paths = many >= _FEW_PATHS and many >= 2 * len(self._uses)
        fits_a_board = self._trie.root.tables is not None and 4 * self._size <= self._most
        if unused_paths or (fits_a_board and self._removed >= self._size):
            self._build()

    def _build(self) -> None:
        """Build the trie anew, once most of what it was built for is gone."""
        known = [entry for entries in self._entries.values() for entry in entries]
        self._uses = {}
        for entry in known:
            self._count(entry.rule)
        self._indexes = {path: index for index, path in enumerate(self._uses)}
        self._trie = Trie(self._indexes, self._most)
        self._reader = None
        self._size, self._removed = len(known), 0
        for entry in known:
            entry.rule = self._in_order(entry.rule)
            self._trie.add(entry)

    def _count(self, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            self._uses[clause.path] = self._uses.get(clause.path, 0) + 1

    def match(self, event: EventLike) -> list[Name]:
        """The names of all patterns that match, in the order in which they were added.

        :param event: as for `Pattern.matches`. Only what patterns look at is checked; of a
            member that a text repeats, the last counts.
        :raises JSONTextError: text that is not JSON, too large or too deep.
        :raises EventError: JSON that is no object, or a leaf that is not a JSON value.
        :raises LimitExceededError: as for `Pattern.matches`.
        """
        before, reader = self._changes, self._reader
        if reader is not None:
            try:
                names = self._match(event, reader)
            except Exception:
                if before == self._changes and not before & 1:
                    raise
            else:
                if before == self._changes and not before & 1:
                    return names
        with self._lock:  # a change came between, or brought new paths; nothing changes now
            if self._reader is None:
                self._reader = Reader((*self._indexes,))
            return self._match(event, self._reader)

    def _match(self, event: EventLike, reader: Reader) -> list[Name]:
        answers = self._answers  # before anything is looked up: a change takes others
        try:
            findings, arrays = reader.read(event)
        except UnusualEventError:
            return _names(self._search(read_event(event), reader))
        board = self._trie.root.board
        if board is None:
            entries, boards = self._trie.find(findings)
            if len(boards) == 1 and not (entries or arrays or self._has_alternatives):
                ((board, mask),) = boards
                return board.names(mask)
            for board, mask in boards:
                entries += board.named(mask)
            return _names(_consistent(entries, arrays, event) if arrays else entries)
        mask = board.find(findings)
        if arrays and board.sharing(mask, arrays):
            return _names(_consistent(board.named(mask), arrays, event))
        names = answers.get(mask)
        if names is None:
            if len(answers) >= _MOST_ANSWERS:
                answers.clear()
            names = answers[mask] = _names(board.named(mask))
        return names.copy()

    @property
    def _has_alternatives(self) -> bool:
        return self._size > len(self._entries)

    def _search(self, document: Object, reader: Reader) -> list[Entry[Name]]:
        """Match an event in which it is lost which leaves belong together."""
        matching = Matching(document)
        entries, boards = self._trie.find(read_whole(reader.paths, document))
        for board, mask in boards:
            entries += board.named(mask)
        return [entry for entry in entries if matching.satisfies_any([build(entry.rule)])]

    def explain(self, event: EventLike, *, limit: int = 3) -> list[NearMiss[Name]]:
        """Say which patterns the event came nearest to without matching, nearest first.

        A question for people: every pattern is tried, so its cost grows with their number.

        :param limit: how many to tell of, at most.
        :raises JSONTextError: as for `Pattern.explain`, and so the others.
        """
        document = read_event(event)
        with self._lock:
            patterns, paths = [*self._entries.items()], [*self._indexes]
        findings = dict(zip(paths, read_whole(paths, document), strict=True))
        return nearest(patterns, document, findings, limit)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Name]:
        return iter(tuple(self._entries))

    def __repr__(self) -> str:
        return f"<PatternIndex of {len(self)} patterns>"


def _consistent(
    entries: list[Entry[Name]], arrays: Set[tuple[str, ...]], event: EventLike
) -> list[Entry[Name]]:
    """Leave out what is met only by different elements of one array."""
    matching: Matching | None = None
    kept: list[Entry[Name]] = []
    for entry in entries:
        if not entry.shared.isdisjoint(arrays):
            if matching is None:
                matching = Matching(read_event(event))
            if not matching.satisfies_any([build(entry.rule)]):
                continue
        kept.append(entry)
    return kept


def _names(entries: list[Entry[Name]]) -> list[Name]:
    """Whose entries they are, in the order in which the patterns were added."""
    if len(entries) < 2:
        return [entry.name for entry in entries]
    names = {entry.number: entry.name for entry in entries}  # once where alternatives share one
    return [names[number] for number in sorted(names)]


@lru_cache(maxsize=1_024)
def _shared(paths: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Where several paths begin alike; one object for the many rules that name the same paths."""
    ways: Counter[tuple[str, ...]] = Counter()
    for path in paths:
        names = path.split(".")
        ways.update(tuple(names[:length]) for length in range(1, len(names) + 1))
    shared = [way for way, times in ways.items() if times > 1]
    return frozenset(shared) if shared else NO_WAYS
