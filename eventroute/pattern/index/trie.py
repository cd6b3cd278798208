"""The trie of clauses: rules that share clauses share the way.

A rule's clauses are asked for in one order for all rules: first the tests that few values pass
(bare values), last those that most pass (``exists``, ``anything-but``). So an event follows only
what it meets, and the cost of a match grows with what it meets, not with the number of rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.index.leaf import Finding, passes
from eventroute.pattern.index.node import Entry, Node
from eventroute.pattern.index.table import Table
from eventroute.pattern.operators import (
    CIDR,
    AnythingBut,
    EqualsIgnoreCase,
    Exists,
    Literal,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.pattern.clause import Clause

__all__ = ["Trie", "rank"]

_RANKS: Final[Mapping[type[object], int]] = {
    Text: 0,
    Number: 0,
    EqualsIgnoreCase: 1,
    Prefix: 2,
    Suffix: 2,
    CIDR: 2,
    Wildcard: 3,
    Literal: 4,
    Range: 5,
    Exists: 6,
    AnythingBut: 7,
}


def rank(clause: Clause) -> int:
    """How late to ask for a clause: the least selective of its tests decides."""
    return max(_RANKS.get(type(test), 3) for test in clause.matchers)


class Trie:
    """Entries by their clauses.

    :param indexes: the index of each path among an event's findings.
    """

    def __init__(self, indexes: dict[str, int]) -> None:
        self._root = Node()
        self._indexes = indexes

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        self._add(self._root, entry, 0)

    def _add(self, node: Node, entry: Entry, met: int) -> None:
        for clause in entry.rule[met:]:
            if node.waiting is None and not node.tables:
                node.waiting = (entry, met)
                return
            if node.waiting is not None:
                (other, others_met), node.waiting = node.waiting, None
                self._add(self._step(node, other.rule[others_met]), other, others_met + 1)
            node = self._step(node, clause)
            met += 1
        if node.ends is None:
            node.ends = []
        node.ends.append(entry)

    def _step(self, node: Node, clause: Clause) -> Node:
        if node.tables is None:
            node.tables = {}
        index = self._indexes[clause.path]
        table = node.tables.get(index)
        if table is None:
            table = node.tables[index] = Table(remembers=node is self._root)
        return table.node(clause.matchers)

    def remove(self, entry: Entry) -> None:
        """Remove an entry that was added, and the nodes that led to it alone."""
        way: list[tuple[Node, int, Clause]] = []
        node = self._root
        for clause in entry.rule:
            if node.waiting is not None and node.waiting[0] is entry:
                node.waiting = None
                break
            index = self._indexes[clause.path]
            way.append((node, index, clause))
            tables = node.tables or {}
            node = tables[index].nodes[clause.matchers]
        else:
            if node.ends:
                node.ends.remove(entry)
        for parent, index, clause in reversed(way):
            if not node.is_empty or parent.tables is None:
                return
            parent.tables[index].remove(clause.matchers)
            if not parent.tables[index].nodes:
                del parent.tables[index]
            node = parent

    def find(self, findings: Sequence[Finding]) -> list[Entry]:
        """The entries of which an event meets every clause, taken each for itself.

        An entry may occur more than once.
        """
        entries: list[Entry] = []
        nodes = [self._root]
        for node in nodes:  # grows as the event meets clauses
            if node.ends:
                entries += node.ends
            if node.waiting is not None:
                entry, met = node.waiting
                if self._meets(findings, entry, met):
                    entries.append(entry)
            elif node.tables:
                for index, table in node.tables.items():
                    nodes += table.find(findings[index])
        return entries

    def _meets(self, findings: Sequence[Finding], entry: Entry, met: int) -> bool:
        for clause in entry.rule[met:]:
            if not passes(findings[self._indexes[clause.path]], clause.matchers):
                return False
        return True
