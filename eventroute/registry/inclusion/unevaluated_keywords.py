"""``unevaluatedProperties`` and ``unevaluatedItems``, where it is plain what is left for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.applying import applying
from eventroute.registry.inclusion.formula import Items
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventroute.registry.inclusion.compiler import Compiler
    from eventroute.registry.inclusion.formula import Formula

__all__ = ["UNEVALUATED", "unevaluated"]

UNEVALUATED: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})

# Which of their branches hold depends on the value.
_BRANCHING: Final = frozenset(
    {"$dynamicRef", "$recursiveRef", "anyOf", "oneOf", "if", "dependentSchemas"}
)


def unevaluated(
    node: dict[str, Any],
    compiler: Compiler,
    part: Callable[[object], Formula],
    lookup: Callable[[str], Any],
) -> Iterator[Formula]:
    """Say them as ``additionalProperties`` and ``items`` would, if that can be said."""
    make = compiler.formulas
    if compiler.draft < 2019:
        return
    if node.get("unevaluatedProperties", True) is not True:
        named: dict[str, Formula] = {}
        patterned: dict[str, Formula] = {}
        read = _read(node, lookup, {"additionalProperties"}, compiler)
        if read is None:
            yield compiler.opaque(node, "the keyword 'unevaluatedProperties'")
        elif not read[1]:
            for schema in read[0]:
                named |= dict.fromkeys(schema.get("properties", ()), make.true)
                patterned |= dict.fromkeys(schema.get("patternProperties", ()), make.true)
            yield make.members(named, patterned, part(node["unevaluatedProperties"]))
    if node.get("unevaluatedItems", True) is not True:
        read = _read(node, lookup, {"items", "additionalItems", "contains"}, compiler)
        if read is None or read[1]:
            yield compiler.opaque(node, "the keyword 'unevaluatedItems'")
        else:
            longest = 0
            if compiler.draft >= 2020:
                longest = max(len(schema.get("prefixItems", ())) for schema in read[0])
            first = (make.true,) * longest
            yield make.of(Items, first, part(node["unevaluatedItems"]))


def _read(
    node: dict[str, Any], lookup: Callable[[str], Any], rest: set[str], compiler: Compiler
) -> tuple[list[dict[str, Any]], bool] | None:
    """Every schema that surely applies, and whether one of them reads all the rest.

    ``None`` where it depends on the value.
    """
    found: list[dict[str, Any]] = []
    everything = False
    for schema in applying(node, lookup):
        if not is_object(schema):
            continue
        if not _BRANCHING.isdisjoint(schema) or (schema is not node and "$id" in schema):
            return None
        if schema is not node and not UNEVALUATED.isdisjoint(schema):
            return None
        if "$ref" in schema and not compiler.one_resource:
            return None
        found.append(schema)
        everything = everything or not rest.isdisjoint(schema)
    return found, everything
