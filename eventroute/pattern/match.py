"""Whether an event satisfies a sub-rule.

The clauses of a sub-rule form a tree of names. Where the event has an array, one of its elements
is chosen for all clauses below that name; scalars of the array need no choice. That is what
AWS calls array consistency.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from eventroute.errors import LimitExceededError
from eventroute.pattern.event_values import Object, leaves, under, values_at
from eventroute.pattern.json_values import JSON, Members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eventroute.pattern.clause import Clause, SubRule

__all__ = ["Matching", "Node", "build"]

_MOST_CHOICES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Node:
    """One name of a sub-rule's paths.

    :ivar clause: the clause whose path ends here.
    :ivar children: the names that follow.
    """

    path: str
    clause: Clause | None
    children: dict[str, Node]

    def clauses(self) -> Iterator[Clause]:
        """The clauses here and below."""
        if self.clause is not None:
            yield self.clause
        for child in self.children.values():
            yield from child.clauses()


def build(rule: SubRule) -> Node:
    """The tree of a sub-rule."""
    return _node("", [(clause.segments, clause) for clause in rule])


def _node(path: str, clauses: list[tuple[list[str], Clause]]) -> Node:
    own: Clause | None = None
    below: dict[str, list[tuple[list[str], Clause]]] = {}
    for segments, clause in clauses:
        if segments:
            below.setdefault(segments[0], []).append((segments[1:], clause))
        else:
            own = clause
    children = {
        name: _node(f"{path}.{name}" if path else name, rest) for name, rest in below.items()
    }
    return Node(path, own, children)


class Matching:
    """One event, to be tried against any number of sub-rules."""

    def __init__(self, document: Object) -> None:
        self.document = document
        self._absent: dict[str, bool] = {}
        self._choices = 0

    def satisfies_any(self, trees: Iterable[Node]) -> bool:
        """Tell whether the event satisfies one of a pattern's sub-rules.

        :raises LimitExceededError: names that are repeated or dotted give so many combinations
            of array elements that none can be searched for.
        """
        self._choices = 0
        return any(self.holds(tree, [self.document]) for tree in trees)

    def holds(self, node: Node, found: Sequence[JSON]) -> bool:
        """Tell whether everything at and below a name holds in what was found there."""
        if not node.children:
            return node.clause is None or self.clause_holds(node.clause, found)
        needs_leaf = node.clause is not None and not self._accepts_absence(node.clause)
        for passed, objects in self._selections(node, found, passed=not needs_leaf):
            if not passed:
                continue
            below = under(objects, node.children.keys())
            if all(self.holds(child, below.get(name, ())) for name, child in node.children.items()):
                return True
        return False

    def clause_holds(self, clause: Clause, found: Iterable[JSON]) -> bool:
        """Tell whether some leaf passes the clause, or its absence does."""
        if any(test.matches(leaf) for leaf in leaves(found) for test in clause.matchers):
            return True
        return self._accepts_absence(clause)

    def _accepts_absence(self, clause: Clause) -> bool:
        return clause.accepts_absence and self.is_absent(clause)

    def is_absent(self, clause: Clause) -> bool:
        """Tell whether the whole event has no leaf at the clause's path."""
        absent = self._absent.get(clause.path)
        if absent is None:
            absent = not any(True for _ in leaves(values_at(self.document, clause.segments)))
            self._absent[clause.path] = absent
        return absent

    def _selections(
        self, node: Node, found: Sequence[JSON], *, passed: bool
    ) -> Iterator[tuple[bool, list[Object]]]:
        """Each way to choose one element of every array: its leaf test so far, its objects."""
        objects = [value for value in found if isinstance(value, dict | Members)]
        arrays = [value for value in found if isinstance(value, list)]
        if node.clause is not None and not passed:
            here = (
                item
                for value in found
                for item in (value if isinstance(value, list) else (value,))
                if not isinstance(item, list)
            )
            passed = any(
                test.matches(leaf) for leaf in leaves(here) for test in node.clause.matchers
            )
        choices = [
            nested
            for array in arrays
            if (nested := [item for item in array if isinstance(item, list | dict | Members)])
        ]
        if not choices:
            yield passed, objects
            return
        for chosen in product(*choices):
            if len(found) > 1:
                self._count(len(found))
            if any(isinstance(item, list) for item in chosen):
                yield from self._selections(node, [*objects, *chosen], passed=passed)
            else:
                yield passed, [*objects, *(item for item in chosen if not isinstance(item, list))]

    def _count(self, choices: int) -> None:
        self._choices += choices
        if self._choices > _MOST_CHOICES:
            raise LimitExceededError(
                f"repeated or dotted member names give more than {_MOST_CHOICES:,} combinations "
                "of array elements in one event; write each name once, without dots"
            )
