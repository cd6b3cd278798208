"""At one place of the trie, for one path: which of the clauses there a finding meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.event_values import leaves
from eventroute.pattern.index.memo import Memo
from eventroute.pattern.index.node import Node
from eventroute.pattern.index.parts import PARTS, OneByOne
from eventroute.pattern.operators import AnythingBut, Exists, Literal, Number, Range, Text
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from eventroute.pattern.index.leaf import Finding
    from eventroute.pattern.index.parts.part import Part
    from eventroute.pattern.operators import Matcher

__all__ = ["Table"]

_NONE: Final[Sequence[Node]] = ()


class Table:
    """The clauses of one path, each leading to its node.

    Bare values are looked up in hash tables, other operators in their parts.

    :param remembers: whether to remember what texts led to; for a table that every event asks.
    """

    __slots__ = (
        "_absent",
        "_exact",
        "_excluded",
        "_memo",
        "_number_parts",
        "_other_parts",
        "_overlapping",
        "_present",
        "_remembers",
        "_text_parts",
        "_unless",
        "nodes",
    )

    def __init__(self, *, remembers: bool = False) -> None:
        self._remembers = remembers
        self.nodes: dict[tuple[Matcher, ...], Node] = {}
        # Numbers, and True beside 1, would be one key in one dictionary.
        self._exact: dict[type, dict[Hashable, list[Node]]] = {}
        self._text_parts: dict[type, Part] = {}
        self._number_parts: dict[type, Part] = {}
        self._other_parts: dict[type, Part] = {}
        self._present: list[Node] = []
        self._absent: list[Node] = []
        # ``anything-but``: a table of what is excluded leads to a stand-in for each.
        self._unless: dict[tuple[AnythingBut, Node], Node] = {}
        self._excluded: Table | None = None
        self._overlapping = 0
        self._memo: Memo | None = None

    def node(self, matchers: tuple[Matcher, ...]) -> Node:
        """The node of a clause, made when it is new."""
        node = self.nodes.get(matchers)
        if node is None:
            node = Node()
            self.add(matchers, node)
        return node

    def add(self, matchers: tuple[Matcher, ...], node: Node) -> None:
        """Let a clause lead to a node."""
        for test in dict.fromkeys(matchers):
            self._add(test, node)
        self.nodes[matchers] = node
        self._overlapping += len(matchers) > 1
        self._changed()

    def remove(self, matchers: tuple[Matcher, ...]) -> None:
        """Forget a clause."""
        node = self.nodes.pop(matchers)
        for test in dict.fromkeys(matchers):
            self._remove(test, node)
        self._overlapping -= len(matchers) > 1
        self._changed()

    def find(self, found: Finding) -> Sequence[Node]:
        """The nodes of all clauses that the finding meets, each once."""
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

    def _find_text(self, text: str) -> Sequence[Node]:
        return self._find(str, text, self._text_parts)

    def _find(self, kind: type, leaf: Hashable, parts: dict[type, Part]) -> Sequence[Node]:
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

    def _find_several(self, found: list[Finding]) -> Sequence[Node]:
        several = [*leaves(found)]
        if not several:
            return self._absent
        hits: dict[Node, None] = {}
        for leaf in several:
            for node in self.find(leaf):
                hits[node] = None
            if len(hits) == len(self.nodes):
                break
        return list(hits)

    def _changed(self) -> None:
        # Remembering pays only where finding takes more than one look-up.
        if self._remembers:
            simple = not (self._text_parts or self._present or self._unless)
            self._memo = None if simple else Memo(self._find_text)

    def _not_excluded(self, leaf: Finding) -> list[Node]:
        excluded = () if self._excluded is None else self._excluded.find(leaf)
        apart = set(excluded)
        return [node for (_, node), stand_in in self._unless.items() if stand_in not in apart]

    def _add(self, test: Matcher, node: Node) -> None:
        if isinstance(test, Text | Number | Literal):
            kind, value = _key(test)
            self._exact.setdefault(kind, {}).setdefault(value, []).append(node)
        elif isinstance(test, Exists):
            (self._present if test.present else self._absent).append(node)
        elif isinstance(test, AnythingBut):
            if self._excluded is None:
                self._excluded = Table()
            stand_in = self._unless[test, node] = Node()
            for excluded in dict.fromkeys(test.excluded):
                self._excluded._add(excluded, stand_in)
            self._excluded._changed()
        else:
            for parts in self._parts_for(test):
                part = parts.get(type(test))
                if part is None:
                    part = parts[type(test)] = PARTS.get(type(test), OneByOne)()
                part.add(test, node)

    def _remove(self, test: Matcher, node: Node) -> None:
        if isinstance(test, Text | Number | Literal):
            kind, value = _key(test)
            values = self._exact[kind]
            values[value].remove(node)
            if not values[value]:
                del values[value]
        elif isinstance(test, Exists):
            (self._present if test.present else self._absent).remove(node)
        elif isinstance(test, AnythingBut):
            stand_in = self._unless.pop((test, node))
            if self._excluded is not None:
                for excluded in dict.fromkeys(test.excluded):
                    self._excluded._remove(excluded, stand_in)
                self._excluded._changed()
        else:
            for parts in self._parts_for(test):
                parts[type(test)].remove(test, node)
                if not len(parts[type(test)]):
                    del parts[type(test)]

    def _parts_for(self, test: Matcher) -> tuple[dict[type, Part], ...]:
        if isinstance(test, Range):
            return (self._number_parts,)
        if type(test) in PARTS:
            return (self._text_parts,)
        return self._text_parts, self._number_parts, self._other_parts


def _key(test: Text | Number | Literal) -> tuple[type, Hashable]:
    if isinstance(test, Text):
        return str, test.text
    if isinstance(test, Number):
        return float, test.number
    return type(test.literal), test.literal
