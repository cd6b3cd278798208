"""The index: names, patterns, and the event that is matched against all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from itertools import count
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from eventroute.envelope import Event
from eventroute.errors import NameNotFoundError, NameTakenError
from eventroute.jsontext import MAX_BYTES, encode_utf8
from eventroute.pattern.clause import Clause, SubRule
from eventroute.pattern.event_values import EventLike, read_event
from eventroute.pattern.index.leaf import NO_WAYS, Finding, UnusualEventError
from eventroute.pattern.index.mapping import read_mapping, read_whole
from eventroute.pattern.index.nearest import NearMiss, nearest
from eventroute.pattern.index.node import Entry
from eventroute.pattern.index.projection import Projection
from eventroute.pattern.index.steps import Step, steps_to
from eventroute.pattern.index.trie import Trie, rank
from eventroute.pattern.json_values import decode
from eventroute.pattern.match import Matching, build
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["PatternIndex"]

Name = TypeVar("Name", bound=Hashable)

_number: Final = attrgetter("number")
_FEW_PATHS: Final = 64
"""So many paths are never worth forgetting."""


class _Reader:
    """How to read an event, for the paths that rules name by now."""

    __slots__ = ("paths", "projection", "root")

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self.root: Step = steps_to(self.paths)
        # Names that no generated type can have are read from the parsed event.
        plain = all(path.isprintable() and not {'"', "\\"} & {*path} for path in self.paths)
        self.projection = Projection(self.root, len(self.paths)) if plain else None


class PatternIndex(Generic[Name]):
    """Named patterns, all matched against one event.

    The event's text is parsed once, and of it only what lies at paths that patterns name. The
    cost of a match grows with what the event meets, hardly with the number of patterns; see
    ``docs/patterns.md`` for where it does.

    Patterns may be added and removed at any time; other threads may match meanwhile. A match
    sees each addition and removal whole or not at all.
    """

    def __init__(self) -> None:
        self._names: dict[int, Name] = {}
        self._entries: dict[Name, tuple[Entry, ...]] = {}
        self._numbers = count()
        self._indexes: dict[str, int] = {}
        self._uses: Counter[str] = Counter()
        self._trie = Trie(self._indexes)
        self._reader = _Reader(())
        self._lock = Lock()
        self._changes = 0  # odd while a change is under way

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
                number = next(self._numbers)
                entries = tuple(self._entry(number, rule) for rule in rules)
                for entry in entries:
                    self._trie.add(entry)
                self._entries[name] = entries
                self._names[number] = name
            finally:
                self._changes += 1

    def _entry(self, number: int, rule: SubRule) -> Entry:
        known = [
            Clause(self._known_path(clause.path), clause.pointer, clause.matchers)
            for clause in rule
        ]
        self._uses.update(clause.path for clause in known)
        return Entry(number, self._in_order(known), _shared(rule))

    def _in_order(self, clauses: Iterable[Clause]) -> SubRule:
        return tuple(sorted(clauses, key=lambda clause: (rank(clause), self._indexes[clause.path])))

    def _known_path(self, path: str) -> str:
        if path not in self._indexes:
            self._indexes[path] = len(self._indexes)
        return path

    def remove(self, name: Name) -> None:
        """Remove a pattern.

        :raises NameNotFoundError: nothing has that name.
        """
        with self._lock:
            if name not in self._entries:
                raise NameNotFoundError(f"no pattern named {name!r} is in the index")
            self._changes += 1
            try:
                entries = self._entries.pop(name)
                for entry in entries:
                    self._trie.remove(entry)
                    self._uses.subtract(clause.path for clause in entry.rule)
                del self._names[entries[0].number]
                self._forget_paths()
            finally:
                self._changes += 1

    def _forget_paths(self) -> None:
        """Build the trie anew once most of the paths that events are searched for are unused."""
        if len(self._indexes) < _FEW_PATHS or len(self._indexes) < 2 * len(+self._uses):
            return
        self._uses = +self._uses
        self._indexes = {path: index for index, path in enumerate(self._uses)}
        self._trie = Trie(self._indexes)
        self._reader = _Reader((*self._indexes,))
        for entries in self._entries.values():
            for entry in entries:
                entry.rule = self._in_order(entry.rule)
                self._trie.add(entry)

    def match(self, event: EventLike) -> list[Name]:
        """The names of all patterns that match, in the order in which they were added.

        :param event: as for `Pattern.matches`. Only what patterns look at is checked; of a
            member that a text repeats, the last counts.
        :raises JSONTextError: text that is not JSON, too large or too deep.
        :raises EventError: JSON that is no object, or a leaf that is not a JSON value.
        :raises LimitExceededError: as for `Pattern.matches`.
        """
        before = self._changes
        try:
            names = self._match(event)
        except Exception:
            if before == self._changes and not before & 1:
                raise
        else:
            if before == self._changes and not before & 1:
                return names
        with self._lock:  # a change came between; nothing changes now
            return self._match(event)

    def _match(self, event: EventLike) -> list[Name]:
        reader = self._reader
        if len(reader.paths) != len(self._indexes):  # rules name further paths by now
            reader = self._reader = _Reader((*self._indexes,))
        try:
            findings, arrays = _read(reader, event)
        except UnusualEventError:
            document = read_event(event)
            entries = self._trie.find(read_whole(reader.paths, document))
            matching = Matching(document)
            entries = [entry for entry in entries if matching.satisfies_any([build(entry.rule)])]
        else:
            entries = self._trie.find(findings)
            if arrays and entries:
                entries = _consistent(entries, arrays, event)
        if not entries:
            return []
        if len(entries) == 1:
            return [self._names[entries[0].number]]
        return [self._names[number] for number in sorted({*map(_number, entries)})]

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


def _read(
    reader: _Reader, event: EventLike
) -> tuple[Sequence[Finding], frozenset[tuple[str, ...]]]:
    projection = reader.projection
    if projection is None and not isinstance(event, Mapping):
        document, repeated = (event.document, False) if isinstance(event, Event) else decode(event)
        if repeated or not isinstance(document, dict):
            raise UnusualEventError
        return read_mapping(reader.root, len(reader.paths), document)
    if type(event) is bytes and len(event) <= MAX_BYTES and projection is not None:
        return projection.read(event)
    if isinstance(event, Event) and projection is not None:
        return projection.read(event.to_json())
    if isinstance(event, Mapping):
        return read_mapping(reader.root, len(reader.paths), event)
    data = encode_utf8(event) if isinstance(event, str) else event
    # How deep it is nested needs no look: msgspec gives up in time, and what it skips is not kept.
    if projection is None or not isinstance(data, bytes) or len(data) > MAX_BYTES:
        raise UnusualEventError
    return projection.read(data)


def _consistent(
    entries: list[Entry], arrays: frozenset[tuple[str, ...]], event: EventLike
) -> list[Entry]:
    """Leave out what is met only by different elements of one array."""
    matching: Matching | None = None
    kept: list[Entry] = []
    for entry in entries:
        if not entry.shared.isdisjoint(arrays):
            if matching is None:
                matching = Matching(read_event(event))
            if not matching.satisfies_any([build(entry.rule)]):
                continue
        kept.append(entry)
    return kept


def _shared(rule: SubRule) -> frozenset[tuple[str, ...]]:
    ways: Counter[tuple[str, ...]] = Counter()
    for clause in rule:
        names = clause.path.split(".")
        ways.update(tuple(names[:length]) for length in range(1, len(names) + 1))
    shared = [way for way, times in ways.items() if times > 1]
    return frozenset(shared) if shared else NO_WAYS
