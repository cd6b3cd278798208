"""One place of the trie: what is known to match there, and what may still follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.pattern.clause import SubRule
    from eventroute.pattern.index.table import Table

__all__ = ["Entry", "Node"]


@dataclass(slots=True, eq=False)
class Entry:
    """One sub-rule of a pattern in the index.

    :ivar number: which pattern; numbers grow as patterns are added.
    :ivar rule: its clauses in the order in which the trie asks for them.
    :ivar shared: paths that two or more of its clauses lie at or below. Where an event has an
        array there, one element must meet them all, which the trie does not look at.
    """

    number: int
    rule: SubRule
    shared: frozenset[tuple[str, ...]]


class Node:
    """Reached by an event that meets the clauses on the way here.

    :ivar ends: entries without further clauses.
    :ivar waiting: a lone entry and how many of its clauses were met: a node grows tables only
        for a second one.
    :ivar tables: by the index of a path, the clauses of that path that may come next.
    """

    __slots__ = ("ends", "tables", "waiting")

    def __init__(self) -> None:
        self.ends: list[Entry] | None = None
        self.waiting: tuple[Entry, int] | None = None
        self.tables: dict[int, Table] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies here or beyond."""
        return not self.ends and self.waiting is None and not self.tables
