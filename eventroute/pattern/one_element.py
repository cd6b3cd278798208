"""Which array has elements that satisfy the clauses only together, and how each misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.absence import located
from eventroute.pattern.event_values import objects_in, under
from eventroute.pattern.explanation import ExplainedClause, ExplainedElement
from eventroute.pattern.json_values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventroute.pattern.explained_clause import ClauseExplainer
    from eventroute.pattern.json_values import JSON
    from eventroute.pattern.match import Matching, Node

__all__ = ["no_one_element"]

_MOST_ELEMENTS: Final = 10
_MOST_EXAMINED: Final = 2_000
_MOST_TOLD: Final = 3


def no_one_element(
    matching: Matching, tree: Node, explainer: ClauseExplainer
) -> tuple[str, tuple[ExplainedElement, ...]]:
    """Say why a tree fails though each of its clauses holds somewhere; the nearest elements."""
    node = _at_fault(matching, tree, [matching.document])
    path = node.path.split(".") if node.path else []
    everything = located(matching.document, path)
    wanted = [clause for clause in node.clauses() if clause.path != node.path]
    elements: list[ExplainedElement] = []
    # The examination is for people: what lies beyond its bound is only counted.
    for place, element in everything[: max(1, _MOST_EXAMINED // len(wanted))]:
        clauses = [explainer.within(clause, element, len(path)) for clause in wanted]
        elements.append(
            ExplainedElement(
                place,
                tuple(clause.path for clause in clauses if clause.matched),
                tuple(clause for clause in clauses if not clause.matched),
            )
        )
    elements.sort(key=lambda element: len(element.failed))
    nearest = tuple(elements[:_MOST_ELEMENTS])
    return "; ".join(_told(node.path, nearest, len(everything))), nearest


def _at_fault(matching: Matching, node: Node, found: Sequence[JSON]) -> Node:
    below = under(objects_in(found), node.children.keys())
    for name, child in node.children.items():
        there = below.get(name, [])
        if child.children and not matching.holds(child, there):
            return _at_fault(matching, child, there)
    # Arrays in different elements are searched together: a lone child is at fault all the same.
    while node.clause is None and len(node.children) == 1:
        (child,) = node.children.values()
        if not child.children:
            break
        node = child
    return node


def _told(path: str, nearest: Sequence[ExplainedElement], total: int) -> Iterator[str]:
    yield f"no one element of {path!r} satisfies all clauses below it"
    # Those that satisfy nothing say little; at least one is told of.
    told = [each for each in nearest[:_MOST_TOLD] if each.met] or list(nearest[:1])
    for number, element in enumerate(told):
        head = "nearest: " if number == 0 else ""
        yield f"{head}{_element(element, path)}"
    if total > len(told):
        others = total - len(told)
        yield f"and {others:,} more element{'' if others == 1 else 's'}"


def _element(element: ExplainedElement, path: str) -> str:
    array = "".join(f"/{name}" for name in path.split("."))
    index = element.pointer.removeprefix(f"{array}/")
    name = index if index.isdecimal() else element.pointer
    met = ", ".join(each.removeprefix(f"{path}.") for each in element.met) or "nothing"
    if not element.failed:
        return f"element {name} satisfies each clause, but not in one element of an array in it"
    failed = ", and ".join(_failed(clause, path) for clause in element.failed)
    return f"element {name} satisfies {met}, but {failed}"


def _failed(clause: ExplainedClause, path: str) -> str:
    name = clause.path.removeprefix(f"{path}.")
    wanted = f"(wanted {clause.wanted()})"
    if not clause.found:
        return f"it has no {name} {wanted}"
    nearest = shown(clause.tests[0].value)
    if clause.found == 1:
        return f"its {name} is {nearest} {wanted}"
    return f"none of the {clause.found:,} values of its {name} passes, nearest {nearest} {wanted}"
