"""One short sentence for a failed keyword: never the whole instance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jsonschema import ValidationError

__all__ = ["one_of", "one_type_of", "show", "wording"]

_LONGEST: Final = 60
_MOST: Final = 8
_LONGEST_INTEGER: Final = 10_000
"""Bits. Python refuses to write an integer that is not much longer."""
_ARTICLES: Final = {"null": "null", "array": "an array", "integer": "an integer"} | {
    "object": "an object"
}


def show(value: object) -> str:
    """Name a JSON value in at most about 60 characters."""
    if is_object(value):
        return "an object"
    if is_array(value):
        return f"an array of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return "an integer of more than 3,000 digits"
    if isinstance(value, str) and len(value) > _LONGEST:
        return json.dumps(value[: _LONGEST - 1] + "…", ensure_ascii=False)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def one_of(values: Iterable[object]) -> str:
    """Say which values are accepted."""
    shown = list(values)
    text = ", ".join(show(value) for value in shown[:_MOST])
    if len(shown) == 1:
        return f"must be {text}"
    more = f" and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    return f"must be one of {text}{more}"


def one_type_of(names: Iterable[object]) -> str:
    """Say which types are accepted."""
    return "must be " + " or ".join(_ARTICLES.get(str(name), f"a {name}") for name in names)


def _types(wanted: Any, got: object) -> str:  # noqa: ANN401  a value of the schema
    return f"{one_type_of([wanted] if isinstance(wanted, str) else wanted)}, not {show(got)}"


_WORDINGS: Final[dict[str, Callable[[Any, Any], str]]] = {
    "type": _types,
    "const": lambda wanted, got: f"{one_of([wanted])}, not {show(got)}",
    "enum": lambda wanted, got: f"{one_of(wanted)}, not {show(got)}",
    "minimum": lambda wanted, got: f"must be at least {show(wanted)}, not {show(got)}",
    "maximum": lambda wanted, got: f"must be at most {show(wanted)}, not {show(got)}",
    "exclusiveMinimum": lambda wanted, got: f"must be over {show(wanted)}, not {show(got)}",
    "exclusiveMaximum": lambda wanted, got: f"must be under {show(wanted)}, not {show(got)}",
    "multipleOf": lambda wanted, got: f"must be a multiple of {show(wanted)}, not {show(got)}",
    "minLength": lambda wanted, got: f"must have at least {wanted} characters, not {len(got)}",
    "maxLength": lambda wanted, got: f"must have at most {wanted} characters, not {len(got)}",
    "minItems": lambda wanted, got: f"must have at least {wanted} elements, not {len(got)}",
    "maxItems": lambda wanted, got: f"must have at most {wanted} elements, not {len(got)}",
    "minProperties": lambda wanted, got: f"must have at least {wanted} members, not {len(got)}",
    "maxProperties": lambda wanted, got: f"must have at most {wanted} members, not {len(got)}",
    "pattern": lambda wanted, got: f"must match the pattern {show(wanted)}, not {show(got)}",
    "format": lambda wanted, got: f"must be a {wanted}, not {show(got)}",
    "uniqueItems": lambda _, __: "must not hold an element twice",
    "contains": lambda _, __: "holds no element that the contract asks for",
    "not": lambda _, got: f"is {show(got)}, which the contract excludes",
    "anyOf": lambda wanted, _: f"fits none of {len(wanted)} alternatives",
    "oneOf": lambda wanted, _: f"fits several of {len(wanted)} alternatives; one is allowed",
}


def wording(error: ValidationError) -> str:
    """Say in one short sentence what a failed keyword wants."""
    if error.schema is False:
        return "is not allowed"
    say = _WORDINGS.get(str(error.validator))
    message = say(error.validator_value, error.instance) if say else error.message
    if "propertyNames" in error.absolute_schema_path:
        message = f"has the member name {show(error.instance)}: {message}"
    return message if len(message) <= 300 else message[:299] + "…"
