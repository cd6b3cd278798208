"""Finding out why an event matches or not, with the engine that decides it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from eventroute.errors import LimitExceededError
from eventroute.jsontext import pointer
from eventroute.pattern.event_values import Object, leaves, objects_in, under, values_at
from eventroute.pattern.explanation import (
    ExplainedAlternative,
    ExplainedClause,
    ExplainedTest,
    Explanation,
)
from eventroute.pattern.json_values import JSON, members, shown
from eventroute.pattern.match import Matching, Node
from eventroute.pattern.operators import Exists
from eventroute.pattern.operators.matcher import kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.clause import Clause

__all__ = ["explain"]

_MOST_VALUES: Final = 10
_MOST_ELEMENTS: Final = 5


def explain(trees: Sequence[Node], document: Object) -> Explanation:
    """Try every alternative and describe each.

    :raises LimitExceededError: where matching would raise it.
    """
    matched = Matching(document).satisfies_any(trees)
    return Explanation(matched, tuple(_alternative(tree, document) for tree in trees))


def _alternative(tree: Node, document: Object) -> ExplainedAlternative:
    matching = Matching(document)
    clauses = tuple(_clause(clause, matching) for clause in tree.clauses())
    failed = [clause.path for clause in clauses if not clause.matched]
    if failed:
        return ExplainedAlternative(False, clauses, f"failed: {', '.join(failed)}")
    try:
        if matching.satisfies_any((tree,)):
            return ExplainedAlternative(True, clauses, None)
        return ExplainedAlternative(False, clauses, _inconsistency(matching, tree, [document]))
    except LimitExceededError as error:
        return ExplainedAlternative(False, clauses, str(error))


def _clause(clause: Clause, matching: Matching) -> ExplainedClause:
    values = values_at(matching.document, clause.segments)
    found = sum(1 for _ in leaves(values))
    missing = None if found else _missing(matching.document, clause.segments)
    tests: list[ExplainedTest] = []
    for index, test in enumerate(clause.matchers):
        if isinstance(test, Exists) and not test.present:
            passed = not found
        else:
            passed = any(test.matches(leaf) for leaf in leaves(values))
        why_not = missing or test.why_not(next(leaves(values)))
        tests.append(
            ExplainedTest(
                clause.pointer + pointer(index),
                test.operator,
                test.to_json(),
                passed,
                None if passed else why_not,
            )
        )
    reason = tests[0].reason if len(tests) == 1 else missing
    matched = any(test.matched for test in tests)
    return ExplainedClause(
        clause.path,
        clause.pointer,
        matched,
        tuple(islice(leaves(values), _MOST_VALUES)),
        found,
        tuple(tests),
        None if matched else reason or f"none of {len(tests)} tests passes",
    )


def _missing(document: Object, path: Sequence[str]) -> str:
    """Say why there is no leaf at a path."""
    found: list[JSON] = [document]
    for depth, name in enumerate(path):
        parent = ".".join(path[:depth])
        objects = list(objects_in(found))
        if not objects:
            return _no_object(parent, found)
        below = under(objects, {name})
        if name not in below:
            here = f"{parent!r} has" if parent else "the event has"
            other = (key for item in objects for key, _ in members(item))
            near = next((key for key in other if key.casefold() == name.casefold()), None)
            hint = f", but {near!r}: names are case-sensitive" if near else ""
            return f"absent: {here} no member {name!r}{hint}"
        found = below[name]
    if any(objects_in(found)):
        return "an object is there; tests look at leaves, name one of its members"
    return "an empty array is there, which holds no value"


def _no_object(parent: str, found: list[JSON]) -> str:
    if not any(True for _ in leaves(found)):
        return f"absent: {parent!r} is an empty array"
    leaf = next(leaves(found))
    return f"absent: {parent!r} is {kind(leaf)} ({shown(leaf)}), not an object"


def _inconsistency(matching: Matching, node: Node, found: Sequence[JSON]) -> str:
    """Find the array whose elements satisfy the clauses only together."""
    below = under(objects_in(found), node.children.keys())
    for name, child in node.children.items():
        there = below.get(name, [])
        if child.children and not matching.holds(child, there):
            return _inconsistency(matching, child, there)
    wanted = [clause for clause in node.clauses() if clause.path != node.path]
    depth = len(node.path.split("."))
    told: list[str] = []
    elements = list(objects_in(found))
    for index, element in enumerate(elements[:_MOST_ELEMENTS]):
        yes: list[str] = []
        no: list[str] = []
        for clause in wanted:
            inside = values_at(element, clause.segments[depth:])
            (yes if matching.clause_holds(clause, inside) else no).append(clause.path)
        told.append(f"element {index} satisfies {_names(yes)}, not {_names(no)}")
    if len(elements) > _MOST_ELEMENTS:
        told.append(f"and {len(elements) - _MOST_ELEMENTS:,} more elements")
    return f"no one element of {node.path!r} satisfies all clauses below it: {'; '.join(told)}"


def _names(paths: list[str]) -> str:
    return ", ".join(paths) if paths else "none"
