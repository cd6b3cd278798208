"""Following the names of a pattern through a schema, as events have them.

An array stands for its elements, however nested. Members that the schema does not name are taken
to have no dots in their names; those that it names with dots are understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.schema.leaves import all_pass, has_leaf, may_pass
from eventroute.pattern.analysis.schema.places import (
    element_schemas,
    is_named_with_dots,
    member_schemas,
)
from eventroute.pattern.analysis.schema.shape import ANYTHING
from eventroute.pattern.match import build
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.analysis.effort import Effort
    from eventroute.pattern.analysis.schema.document import SchemaDocument
    from eventroute.pattern.analysis.schema.shape import Shape
    from eventroute.pattern.clause import Clause
    from eventroute.pattern.match import Node
    from eventroute.pattern.operators import Matcher

__all__ = ["Walk"]

_MOST_SHAPES: Final = 2048
_DEEPEST: Final = 200


class Walk:
    """One schema, asked about paths.

    What may be is over-estimated and what must be is under-estimated, so that "it cannot be" and
    "it must be" are certain.
    """

    def __init__(self, document: SchemaDocument, effort: Effort) -> None:
        self._document = document
        self._effort = effort
        self.root = document.root_shapes()
        self._members: dict[tuple[frozenset[str], str], list[Shape]] = {}
        self._elements: dict[frozenset[str], list[Shape]] = {}
        self._present: dict[str, bool] = {}
        self._held: dict[tuple[int, frozenset[str]], bool] = {}

    @property
    def complete(self) -> bool:
        """Whether nothing in the schema was passed over so far, for being elsewhere or too much."""
        return self._document.complete

    def members(self, shape: Shape, name: str) -> list[Shape]:
        """The shapes of a member, where an object of that shape has it."""
        found = self._members.get((shape.key, name))
        if found is None:
            dotted = is_named_with_dots(shape, name)
            found = [ANYTHING] if dotted else self._document.shapes(member_schemas(shape, name))
            self._members[shape.key, name] = found
        return found

    def inside(self, shapes: Iterable[Shape]) -> list[Shape]:
        """The shapes, and those of all elements of arrays in them, however nested."""
        found = {shape.key: shape for shape in shapes}
        pending = list(found.values())
        while pending:
            shape = pending.pop()
            if "array" not in shape.kinds or shape.empties_arrays:
                continue
            for element in self._elements_of(shape):
                if element.key not in found:
                    found[element.key] = element
                    pending.append(element)
            if len(found) > _MOST_SHAPES or not self._effort.spend():
                return [ANYTHING]
        return list(found.values())

    def at(self, path: Sequence[str]) -> list[Shape]:
        """The shapes of whatever may lie at a path, in whichever elements of arrays."""
        found = self.inside(self.root)
        for name in path:
            below = {
                member.key: member
                for shape in found
                if "object" in shape.kinds
                for member in self.members(shape, name)
            }
            found = self.inside(below.values())
        return found

    def always(self, path: Sequence[str], tests: Sequence[Matcher]) -> bool:
        """Tell whether every event surely has a leaf at the path that passes one of the tests."""
        return all(self._always(path, tests, shape, 0) for shape in self.root)

    def allows(self, rule: Iterable[Clause]) -> bool:
        """Tell whether some event may satisfy all the clauses; ``False`` is certain."""
        self._held = {}
        return self._may_hold(build(tuple(rule)), self.root)

    def may_be_absent(self, clause: Clause) -> bool:
        """Tell whether a clause accepts absence, and absence is possible."""
        if not clause.accepts_absence:
            return False
        if clause.path not in self._present:
            self._present[clause.path] = self.always(clause.segments, (_PRESENT,))
        return not self._present[clause.path]

    def _always(
        self, path: Sequence[str], tests: Sequence[Matcher], shape: Shape, depth: int
    ) -> bool:
        if depth > _DEEPEST or not self._effort.spend():
            return False
        for kind in shape.kinds:
            if kind == "array":
                elements = self._elements_of(shape)
                if not shape.fills_arrays:
                    return False
                below, rest = elements, path
            elif kind == "object" and path:
                if not shape.requires(path[0]):
                    return False
                below, rest = self.members(shape, path[0]), path[1:]
            elif kind == "object" or path:
                return False
            else:
                continue
            for each in below:
                if not self._always(rest, tests, each, depth + 1):
                    return False
        return bool(path) or all_pass(tests, shape)

    def _may_hold(self, node: Node, shapes: Iterable[Shape]) -> bool:
        for shape in shapes:
            held = self._held.get((id(node), shape.key))
            if held is None:
                held = not self._effort.spend() or self._may_hold_in(node, shape)
                self._held[id(node), shape.key] = held
            if held:
                return True
        return False

    def _may_hold_in(self, node: Node, shape: Shape) -> bool:
        absent = node.clause is None or self.may_be_absent(node.clause)
        children_absent = all(map(self.may_be_absent, _below(node)))
        if has_leaf(shape) and children_absent and (absent or _clause_may_pass(node, [shape])):
            return True
        if "object" in shape.kinds and absent and self._children_may_hold(node, shape):
            return True
        if "array" not in shape.kinds or not (absent or _clause_may_pass(node, self._in(shape))):
            return False
        if children_absent:
            return True
        # One element is chosen for all the children.
        for element in self._in(shape):
            if "object" in element.kinds and self._children_may_hold(node, element):
                return True
        return False

    def _children_may_hold(self, node: Node, shape: Shape) -> bool:
        for name, child in node.children.items():
            if not shape.requires(name) and all(map(self.may_be_absent, child.clauses())):
                continue
            if not self._may_hold(child, self.members(shape, name)):
                return False
        return True

    def _in(self, shape: Shape) -> list[Shape]:
        """What lies in an array of that shape, in however many arrays."""
        return [] if shape.empties_arrays else self.inside(self._elements_of(shape))

    def _elements_of(self, shape: Shape) -> list[Shape]:
        found = self._elements.get(shape.key)
        if found is None:
            ways = [self._document.shapes(choice) for choice in element_schemas(shape)]
            found = list({each.key: each for shapes in ways for each in shapes}.values())
            self._elements[shape.key] = found
        return found


def _below(node: Node) -> list[Clause]:
    return [clause for child in node.children.values() for clause in child.clauses()]


def _clause_may_pass(node: Node, shapes: Iterable[Shape]) -> bool:
    clause = node.clause
    return clause is not None and any(
        may_pass(test, shape) for shape in shapes for test in clause.matchers
    )


_PRESENT: Final = Exists(present=True)
