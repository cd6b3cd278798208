"""Keywords that hold no schema: what a value is, and what is said of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eventroute.dialects.lower.target import Target
    from eventroute.dialects.lower.translation import Translation

__all__ = ["write_values"]

_SAME: Final = (
    "description",
    "format",
    "maximum",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
)
_COUNTS: Final = (
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
)
_OPENAPI_ANNOTATIONS: Final = ("deprecated", "readOnly", "writeOnly")
_NULL: Final = {"type": "object", "nullable": True, "enum": [None]}
_Part = dict[str, Any]


def write_values(schema: _Part, target: Target, part: Translation, *, from_draft_04: bool) -> None:
    """Write them into the translation.

    :param from_draft_04: whether the schema was in that draft, in which 1.0 is no integer.
    """
    for keyword in _SAME:
        if keyword in schema:
            part.out[keyword] = schema[keyword]
    for keyword in _COUNTS:
        if keyword in schema:
            part.out[keyword] = int(schema[keyword])  # 1.0 counts too, but not in draft-04
    _annotations(schema, target, part.out)
    _limits(schema, part)
    _enumerated(schema, part)
    _types(schema, target, part, from_draft_04=from_draft_04)


def _annotations(schema: _Part, target: Target, out: _Part) -> None:
    out.update({key: value for key, value in schema.items() if key.startswith("x-")})
    if schema.get("default") is not None:
        out["default"] = schema["default"]
    if target.is_openapi:
        for keyword in _OPENAPI_ANNOTATIONS:
            if keyword in schema:
                out[keyword] = schema[keyword]
        examples = schema.get("examples")
        if isinstance(examples, list) and examples:
            out["example"] = examples[0]


def _limits(schema: _Part, part: Translation) -> None:
    for limit, exclusive, sign in (
        ("minimum", "exclusiveMinimum", 1),
        ("maximum", "exclusiveMaximum", -1),
    ):
        bound = schema.get(exclusive)
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            continue
        if limit not in schema or sign * schema[limit] <= sign * bound:
            part.out[limit] = bound
            part.out[exclusive] = True


def _enumerated(schema: _Part, part: Translation) -> None:
    enum = schema.get("enum")
    if enum == []:  # draft-04 takes no empty list
        part.also.append({"not": {}})
    elif isinstance(enum, list):
        part.out["enum"] = _each_once(enum)
    if "const" in schema:
        if "enum" in part.out:
            part.also.append({"enum": [schema["const"]]})
        else:
            part.out["enum"] = [schema["const"]]


def _types(schema: _Part, target: Target, part: Translation, *, from_draft_04: bool) -> None:
    types = schema.get("type")
    if types is None:
        return
    named = [types] if isinstance(types, str) else list(types)
    if not target.is_openapi:
        _types_of_draft_04(named, part, from_draft_04=from_draft_04)
        return
    if from_draft_04 and "integer" in named:
        part.exact = False  # there, 1.0 is none
    others = [one for one in named if one != "null"]
    null = {"nullable": True} if "null" in named else {}
    typed = [{"type": one, **null, **_items_of(one)} for one in others]
    if not others and "enum" in part.out:
        part.also.append(dict(_NULL))
    elif not others:
        part.out.update(_NULL)
    elif len(typed) == 1:
        part.out.update(typed[0])
    else:
        part.also.append({"anyOf": typed})


def _types_of_draft_04(named: list[str], part: Translation, *, from_draft_04: bool) -> None:
    """In draft-04, 1.0 is a number but no integer; later, it is both."""
    if "integer" in named and not from_draft_04:
        whole = "number" not in named
        at = named.index("integer")
        named = [*named[:at], *(["number"] if whole else []), *named[at + 1 :]]
        if whole and "multipleOf" in part.out:
            part.also.append({"multipleOf": 1})
        elif whole:
            part.out["multipleOf"] = 1
    part.out["type"] = named[0] if len(named) == 1 else named


def _each_once(values: list[Any]) -> list[Any]:
    """Draft-04 takes no value twice."""
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(json.dumps(_plain(value), sort_keys=True), value)
    return list(found.values())


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Equal numbers, written alike."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _items_of(type_: str) -> _Part:
    return {"items": {}} if type_ == "array" else {}
