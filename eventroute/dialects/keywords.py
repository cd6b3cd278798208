"""Keywords of JSON Schema, draft-04 to 2020-12: where subschemas stand, what leads, what notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "ANNOTATIONS",
    "LISTS",
    "MAPS",
    "REFERENCES",
    "SINGLES",
    "map_subschemas",
    "subschemas",
]

Step = str | int

SINGLES: Final = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords with one subschema; ``items`` also has a list of them."""
LISTS: Final = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
MAPS: Final = frozenset(
    {
        "$defs",
        "definitions",
        "dependencies",
        "dependentSchemas",
        "patternProperties",
        "properties",
    }
)
"""Keywords with a subschema under each name."""
REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
"""Keywords that lead to another schema, the oldest first."""
ANNOTATIONS: Final = frozenset(
    {
        *("title", "description", "examples", "default", "$comment"),
        *("deprecated", "readOnly", "writeOnly"),
    }
)
"""Keywords that say something to people and programs, and refuse nothing."""


def subschemas(schema: Mapping[str, object]) -> Iterator[tuple[tuple[Step, ...], object]]:
    """Each direct subschema, objects and booleans, with the way to it.

    What is no schema is left out, whatever stands there: the schema need not be valid.
    """
    for keyword, value in schema.items():
        if keyword in SINGLES and isinstance(value, dict | bool):
            yield (keyword,), value
        elif keyword in LISTS and isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict | bool):
                    yield (keyword, index), one
        elif keyword in MAPS and isinstance(value, dict):
            for name, one in value.items():
                if isinstance(one, dict | bool):
                    yield (keyword, name), one


def map_subschemas(
    schema: Mapping[str, object], change: Callable[[object, tuple[Step, ...]], object]
) -> dict[str, Any]:
    """Copy a schema with each direct subschema replaced; all else is shared.

    :param change: given the subschema and the way to it.
    """
    copy: dict[str, Any] = dict(schema)
    for way, inner in list(subschemas(schema)):
        keyword = str(way[0])
        if len(way) == 1:
            copy[keyword] = change(inner, way)
            continue
        if copy[keyword] is schema[keyword]:
            copy[keyword] = copy[keyword].copy()
        copy[keyword][way[1]] = change(inner, way)
    return copy
