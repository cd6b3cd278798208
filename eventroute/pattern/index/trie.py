"""The trie of clauses: rules that share clauses share the way.

A rule's clauses are asked for in one order for all rules: first the tests that few values pass
(bare values), last those that most pass (``exists``, ``anything-but``). So an event follows only
what it meets, and the cost of a match grows with what it meets, not with the number of rules.
Some hundred rules or fewer share a board, and some thousand where they share a way to it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from eventroute.pattern.index.board import Board
from eventroute.pattern.index.families import FAMILIES, UNKNOWN
from eventroute.pattern.index.leaf import Finding, passes
from eventroute.pattern.index.node import Entry, Node
from eventroute.pattern.index.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.clause import Clause

__all__ = ["MOST_ENTRIES", "Trie", "rank"]

Name = TypeVar("Name")

MOST_ENTRIES: Final = 512
"""A fuller board at the root costs more than the nodes that take its place."""

_TIMES_MORE_BELOW: Final = 6
"""By how much boards below the root may be fuller: one large board takes the place of many small
ones, of which the processor's caches would keep few."""

_MOST_COLUMNS: Final = 48
"""A board asks each of its paths, a node only those of the clauses that come next."""

_MOST_TESTS: Final = 4_096
_MOST_NUMBERS: Final = 1_024
"""What a board looks up is written anew when tests come, and its lines of numbers take longest."""


_ABSENCE: Final = 8


def rank(clause: Clause) -> int:
    """How late to ask for a clause: the least selective of its tests decides.

    Absence comes last, since most events lack most of the fields that rules name.
    """
    if clause.accepts_absence:
        return _ABSENCE
    return max(FAMILIES.get(type(test), UNKNOWN).rank for test in clause.matchers)


class Trie(Generic[Name]):
    """Entries by their clauses.

    :param indexes: the index of each path among an event's findings.
    :param most: entries that a board holds at most.
    :ivar root: where every event begins.
    """

    def __init__(self, indexes: dict[str, int], most: int = MOST_ENTRIES) -> None:
        self._most = most
        self.root: Node[Name] = Node()
        self._indexes = indexes

    def add(self, entry: Entry[Name]) -> None:
        """Add an entry."""
        self._add(self.root, entry)

    def _add(self, node: Node[Name], entry: Entry[Name]) -> None:
        entry.board = None
        while node.met < len(entry.rule):
            if not node.tables:
                if self._settle(node, entry):
                    return
                self._spread(node)
            node = self._step(node, entry.rule[node.met])
        if node.ends is None:
            node.ends = []
        node.ends.append(entry)

    def _settle(self, node: Node[Name], entry: Entry[Name]) -> bool:
        """Keep an entry at a node, as long as there are few."""
        if node.board is None and node.waiting is None:
            node.waiting = entry
            return True
        widest = node.met + _MOST_COLUMNS
        if len(entry.rule) > widest:
            return False
        if node.waiting is not None:
            if len(node.waiting.rule) > widest:
                return False
            node.board = Board(self._indexes, node.met, remembers=node is self.root)
            node.board.add(node.waiting)
            node.waiting = None
        board = node.board
        if board is None:
            return False
        if self._is_full(board):
            board.compact()  # what was removed counts, too
            if self._is_full(board):
                return False
        board.add(entry)
        return True

    def _is_full(self, board: Board[Name]) -> bool:
        times = 1 if board.met == 0 else _TIMES_MORE_BELOW
        return (
            len(board) >= times * self._most
            or board.tests > times * _MOST_TESTS
            or board.numbers > _MOST_NUMBERS
            or board.width > _MOST_COLUMNS
        )

    def _spread(self, node: Node[Name]) -> None:
        """Let the entries of a node go on to nodes of their own."""
        entries = [node.waiting] if node.waiting is not None else []
        if node.board is not None:
            entries = node.board.entries
        node.board = node.waiting = None
        for entry in entries:
            self._add(self._step(node, entry.rule[node.met]), entry)

    def _step(self, node: Node[Name], clause: Clause) -> Node[Name]:
        if node.tables is None:
            node.tables = {}
        index = self._indexes[clause.path]
        table = node.tables.get(index)
        if table is None:
            table = node.tables[index] = Table(
                partial(Node, node.met + 1), remembers=node is self.root
            )
        return table.target(clause.matchers)

    def remove(self, entry: Entry[Name]) -> None:
        """Remove an entry that was added, and the nodes that led to it alone."""
        board = entry.board
        if board is not None and len(board) > 1:
            board.remove(entry)
            return
        way: list[tuple[Node[Name], int, Clause]] = []
        node = self.root
        for clause in entry.rule:
            if node.waiting is not None:
                node.waiting = None
                break
            if node.board is not None:  # and nothing else is on it
                node.board = None
                break
            index = self._indexes[clause.path]
            way.append((node, index, clause))
            tables = node.tables or {}
            node = tables[index].targets[clause.matchers]
        else:
            if node.ends:
                node.ends.remove(entry)
        for parent, index, clause in reversed(way):
            if not node.is_empty or parent.tables is None:
                return
            parent.tables[index].remove(clause.matchers)
            if not parent.tables[index].targets:
                del parent.tables[index]
            node = parent

    def find(
        self, findings: Sequence[Finding]
    ) -> tuple[list[Entry[Name]], list[tuple[Board[Name], int]]]:
        """The entries of which an event meets every clause, taken each for itself.

        :return: those that are on no board, of which one may occur more than once; and boards with
            the mask of the others.
        """
        entries: list[Entry[Name]] = []
        boards: list[tuple[Board[Name], int]] = []
        nodes = [self.root]
        for node in nodes:  # grows as the event meets clauses
            if node.ends:
                entries += node.ends
            if node.board is not None:
                mask = node.board.find(findings)
                if mask:
                    boards.append((node.board, mask))
            elif node.waiting is not None:
                if self._meets(findings, node.waiting, node.met):
                    entries.append(node.waiting)
            elif node.tables:
                for index, table in node.tables.items():
                    found = findings[index]
                    if found.__class__ is str and table.is_plain:
                        nodes += table.texts.get(found, ())
                    else:
                        nodes += table.find(found)
        return entries, boards

    def _meets(self, findings: Sequence[Finding], entry: Entry[Name], met: int) -> bool:
        for clause in entry.rule[met:]:
            if not passes(findings[self._indexes[clause.path]], clause.matchers):
                return False
        return True
