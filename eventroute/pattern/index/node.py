"""One place of the trie: what is known to match there, and what may still follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from eventroute.pattern.clause import SubRule
    from eventroute.pattern.index.board import Board
    from eventroute.pattern.index.table import Table

__all__ = ["Entry", "Node"]

Name = TypeVar("Name")


@dataclass(slots=True, eq=False)
class Entry(Generic[Name]):
    """One sub-rule of a pattern in the index.

    :ivar name: the pattern's.
    :ivar number: which pattern; numbers grow as patterns are added.
    :ivar rule: its clauses in the order in which the trie asks for them.
    :ivar shared: paths that two or more of its clauses lie at or below. Where an event has an
        array there, one element must meet them all, which the trie does not look at.
    :ivar board: the board on which it is, if any.
    :ivar place: where on the board.
    """

    name: Name
    number: int
    rule: SubRule
    shared: frozenset[tuple[str, ...]]
    board: Board[Name] | None = None
    place: int = -1


class Node(Generic[Name]):
    """Reached by an event that meets the clauses on the way here.

    :ivar ends: entries without further clauses.
    :ivar waiting: a lone entry.
    :ivar met: how many clauses of an entry that gets here are met.
    :ivar board: a few entries.
    :ivar tables: of many entries, by the index of a path, the clauses that may come next.
    """

    __slots__ = ("board", "ends", "met", "tables", "waiting")

    def __init__(self, met: int = 0) -> None:
        self.met = met
        self.ends: list[Entry[Name]] | None = None
        self.waiting: Entry[Name] | None = None
        self.board: Board[Name] | None = None
        self.tables: dict[int, Table[Node[Name]]] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies here or beyond."""
        return not (self.ends or self.waiting or self.board or self.tables)
