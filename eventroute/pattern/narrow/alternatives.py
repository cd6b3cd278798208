"""A pattern of alternatives, of which one suffices, with what they share written once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute.errors import PatternError
from eventroute.pattern import Pattern, PatternLimits

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Field", "Rule", "either"]

Field: TypeAlias = tuple[str, tuple[str, ...]]
"""A dotted path, and its tests as JSON texts; one suffices."""

Rule: TypeAlias = tuple[Field, ...]
"""One alternative: all its fields must pass."""

_LIMITS: Final = PatternLimits(
    max_bytes=2**24,
    max_depth=128,
    max_combinations=10**6,
    max_clauses=10**6,
    max_wildcard_stars=10**4,
)
"""The pattern that it is made of was read with the limits of its author."""


def either(rules: Iterable[Rule]) -> Pattern | None:
    """The pattern, or one that matches more where it cannot be written; ``None`` for anything."""
    kept = list(dict.fromkeys(rules))
    shared = [field for field in kept[0] if all(field in rule for rule in kept)]
    rests = [[field for field in rule if field not in shared] for rule in kept]
    tree = _nested(shared)
    if all(rests):
        alternatives = [_nested(rest) for rest in rests]
        found = _read({**tree, "$or": alternatives}) if all(alternatives) else None
        if found is not None:
            return found
    return _read(tree) if tree else None


def _read(tree: dict[str, Any]) -> Pattern | None:
    try:
        pattern = Pattern(tree, limits=_LIMITS)
    except PatternError:  # inside $or, a field cannot have the name of an operator
        return None
    named = any(clause.path == "$or" for rule in pattern.sub_rules for clause in rule)
    return None if named else pattern


def _nested(fields: Iterable[Field]) -> dict[str, Any]:
    """Fields as objects in objects. What cannot stand beside another is left out."""
    tree: dict[str, Any] = {}
    for path, tests in fields:
        *above, name = path.split(".")
        if "$or" in (*above, name):
            continue
        at: Any = tree
        for one in above:
            at = at.setdefault(one, {}) if isinstance(at, dict) else None
        if isinstance(at, dict) and name not in at:
            at[name] = [json.loads(test) for test in tests]
    return tree
