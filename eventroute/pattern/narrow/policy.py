"""The rules of a dialect and their JSON: nested, and beside ``$or`` what all alternatives share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute.errors import PatternError
from eventroute.jsontext import MAX_BYTES, MAX_DEPTH
from eventroute.pattern.limits import PatternLimits
from eventroute.pattern.operators import Matcher, Number, exact
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["GENEROUS", "Field", "Rule", "distinct", "reads_back", "respelled", "written"]

Field: TypeAlias = tuple[str, tuple[Matcher, ...]]
"""A dotted path, or the name of an attribute, and its tests; one suffices."""

Rule: TypeAlias = tuple[Field, ...]
"""One alternative: all its fields must pass."""

GENEROUS: Final = PatternLimits(
    max_bytes=MAX_BYTES,
    max_depth=MAX_DEPTH,
    max_combinations=10**6,
    max_clauses=10**6,
    max_wildcard_stars=10**4,
)
"""For policies, which the limits of their dialect bound."""


def distinct(rules: Iterable[Rule]) -> list[Rule]:
    """The rules without those that ask for all that another asks for, and more."""
    kept: list[tuple[Rule, frozenset[Field]]] = []
    for rule in dict.fromkeys(rules):
        fields = frozenset(rule)
        if not any(other <= fields for _, other in kept):
            kept = [each for each in kept if not fields <= each[1]]
            kept.append((rule, fields))
    return [rule for rule, _ in kept]


def written(rules: Sequence[Rule], *, nested: bool) -> dict[str, Any]:
    """The rules as JSON.

    :param nested: paths become objects in objects, as opposed to names with dots.
    """
    if len(rules) == 1:
        return _object(rules[0], nested=nested)
    everywhere = frozenset(rules[0]).intersection(*rules)
    policy = _object([field for field in rules[0] if field in everywhere], nested=nested)
    policy["$or"] = [
        _object([field for field in rule if field not in everywhere], nested=nested)
        for rule in rules
    ]
    return policy


def respelled(tree: dict[str, Any]) -> dict[str, Any]:
    """An author's own pattern with the spellings of a policy.

    It may be shorter than :func:`written`, for it need not name every combination of ``$or``.
    """
    policy: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            policy[name] = respelled(value)
        elif name == "$or":
            policy[name] = [respelled(each) for each in value]
        else:
            policy[name] = [
                _test(exact(test)) if not isinstance(test, dict) else test.get("exactly", test)
                for test in value
            ]
    return policy


def reads_back(policy: dict[str, Any], rules: Sequence[Rule]) -> bool:
    """Tell whether a reader finds the same rules in it.

    Inside ``$or``, names that are also operators have another meaning.
    """
    try:
        read = Pattern(policy, limits=GENEROUS).sub_rules
    except PatternError:
        return False
    found = {frozenset((clause.path, clause.matchers) for clause in rule) for rule in read}
    return found == {frozenset(rule) for rule in rules}


def _object(fields: Sequence[Field], *, nested: bool) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    tested = {path for path, _ in fields}
    for path, tests in fields:
        at, rest, above = policy, path, ""
        # Where a name has tests of its own, it cannot hold an object; then dots join the names.
        while nested and "." in rest:
            name, _, below = rest.partition(".")
            above += name
            if above in tested:
                break
            above += "."
            at = at.setdefault(name, {})
            rest = below
        at[rest] = [_test(test) for test in tests]
    return policy


def _test(test: Matcher) -> Any:  # noqa: ANN401  any JSON value
    # AWS compares a bare number by how it is written, and 1 is not 1.0.
    return {"numeric": ["=", test.number]} if isinstance(test, Number) else test.to_json()
