"""The JSON Schema of event patterns, as an editor can check them.

What JSON Schema cannot say is left to :class:`eventroute.pattern.Pattern`: that the bounds of
``numeric`` ascend, that an address of ``cidr`` exists, how far ``$or`` expands.
"""

from __future__ import annotations

from typing import Final

__all__ = ["definitions", "reference"]

_Schema = dict[str, object]


def reference(name: str) -> _Schema:
    """Refer to one of the :func:`definitions`."""
    return {"$ref": f"#/definitions/{name}"}


def definitions() -> dict[str, _Schema]:
    """The parts of a pattern by name; ``pattern`` is a whole one."""
    return {
        "pattern": {
            "title": "Event pattern",
            "description": "Every field must pass its tests.",
            "type": "object",
            "minProperties": 1,
            "properties": {"$or": reference("or")},
            "additionalProperties": reference("field"),
        },
        "field": {
            "description": "A nested object, or a list of tests of which one must pass.",
            "type": ["object", "array"],
            "if": {"type": "array"},
            "then": reference("tests"),
            "else": reference("pattern"),
        },
        "tests": {"type": "array", "minItems": 1, "items": reference("test")},
        "test": {
            "description": "An exact value, or an object with one operator.",
            "type": ["string", "number", "boolean", "null", "object"],
            "if": {"type": "object"},
            "then": reference("operator"),
        },
        "or": {
            "description": "Alternatives of which one must hold. With operators in the list, "
            "$or is an ordinary field name.",
            "type": "array",
            "anyOf": [
                {"minItems": 2, "items": reference("pattern")},
                reference("tests"),
            ],
        },
        "operator": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": _OPERATORS,
        },
        "text": {"type": "string", "minLength": 1},
        "wildcard": {
            "description": r"* stands for any characters; \* and \\ for themselves.",
            "type": "string",
            "pattern": r"^(?!.*\*\*)(?:[^\\]|\\[*\\])*$",
        },
        "affix": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["equals-ignore-case"],
                    "additionalProperties": False,
                    "properties": {"equals-ignore-case": {"type": "string"}},
                },
            ]
        },
        "numeric": _NUMERIC,
        "anything-but": {
            "anyOf": [
                {"type": ["string", "number"]},
                _list_of({"type": "string"}),
                _list_of({"type": "number"}),
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                    "properties": {
                        "prefix": _one_or_more(reference("text")),
                        "suffix": _one_or_more(reference("text")),
                        "equals-ignore-case": _one_or_more({"type": "string"}),
                        "wildcard": _one_or_more(reference("wildcard")),
                    },
                },
            ]
        },
    }


def _list_of(item: _Schema) -> _Schema:
    return {"type": "array", "minItems": 1, "items": item}


def _one_or_more(item: _Schema) -> _Schema:
    return {"anyOf": [item, _list_of(item)]}


def _described(description: str, schema: _Schema) -> _Schema:
    # Draft-07 ignores what stands beside a $ref.
    return {"description": description, "allOf": [schema]}


def _bounds(*operators: str) -> _Schema:
    pairs: list[_Schema] = []
    for operator in operators:
        wanted = [operator] if operator == "=" else [operator, f"{operator}="]
        pairs.extend(({"enum": wanted}, {"type": "number"}))
    return {
        "type": "array",
        "minItems": len(pairs),
        "maxItems": len(pairs),
        "items": pairs,
    }


_NUMERIC: Final[_Schema] = {
    "anyOf": [_bounds("="), _bounds("<"), _bounds(">"), _bounds(">", "<")],
}

_IPV4_BLOCK: Final = r"^[0-9.]+/([0-9]|[12][0-9]|3[01])$"
_IPV6_BLOCK: Final = r"^[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*/[0-9]{1,3}$"

_OPERATORS: Final[_Schema] = {
    "exactly": _described("Equals this text.", {"type": "string"}),
    "prefix": _described("Begins with this text.", reference("affix")),
    "suffix": _described("Ends with this text.", reference("affix")),
    "equals-ignore-case": _described(
        "Equals this text in any mix of upper and lower case.", {"type": "string"}
    ),
    "wildcard": _described("Fits this text, in which * stands for any.", reference("wildcard")),
    "anything-but": _described("Is there, and is none of these.", reference("anything-but")),
    "numeric": _described("Is a number in this range.", reference("numeric")),
    "exists": _described("Is there, or is not.", {"type": "boolean"}),
    "cidr": _described(
        "Is an IP address in this block.",
        {"type": "string", "anyOf": [{"pattern": _IPV4_BLOCK}, {"pattern": _IPV6_BLOCK}]},
    ),
}
