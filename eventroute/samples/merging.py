"""One schema of keywords alone, made of all that apply to a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.applying import applying
from eventroute.samples.errors import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["merged"]

_MOST_PAIRS: Final = 50
_LEAST: Final = frozenset(
    {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"}
)
_MOST: Final = frozenset(
    {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"}
)
_RESOLVED: Final = frozenset({"$ref", "allOf"})


def merged(
    schema: Mapping[str, object], target: Callable[[str], object], spend: Callable[[], None]
) -> dict[str, Any]:
    """Put together a schema, what it refers to and what ``allOf`` adds.

    Where two say something of the same, the narrower counts, or the nearer where neither is known
    to be narrower.

    :param target: what a reference leads to.
    :param spend: called for each schema.
    :raises CannotMakeError: one of them refuses everything.
    """
    whole: dict[str, Any] = {}
    for one in applying(schema, target):
        spend()
        if one is False:
            raise CannotMakeError
        if isinstance(one, dict):
            _join(whole, one)
    return whole


def _join(into: dict[str, Any], more: dict[str, Any]) -> None:
    for keyword, value in more.items():
        known = into.get(keyword)
        if keyword in _RESOLVED:
            continue
        if keyword not in into:
            into[keyword] = value
        elif keyword in {"properties", "patternProperties"} and isinstance(value, dict):
            both = dict(known) if isinstance(known, dict) else {}
            for name, inner in value.items():
                both[name] = {"allOf": [both[name], inner]} if name in both else inner
            into[keyword] = both
        elif keyword == "required":
            into[keyword] = list(dict.fromkeys([*_list(known), *_list(value)]))
        elif keyword in _LEAST or keyword in _MOST:
            if isinstance(known, int | float) and isinstance(value, int | float):
                into[keyword] = max(known, value) if keyword in _LEAST else min(known, value)
        elif keyword == "type":
            into[keyword] = _common(known, value)
        elif keyword == "enum" and isinstance(known, list):
            into[keyword] = [one for one in known if one in value] or known
        elif keyword in {"anyOf", "oneOf"} and value != known:
            pairs = [{"allOf": [one, other]} for one in _list(known) for other in _list(value)]
            into[keyword] = pairs[:_MOST_PAIRS]


def _common(one: Any, other: Any) -> Any:  # noqa: ANN401  what "type" has
    """The types that both name; a whole number is a number."""
    first = one if isinstance(one, list) else [one]
    second = other if isinstance(other, list) else [other]
    whole = "number" not in second
    narrowed = ["integer" if kind == "number" and whole else kind for kind in first]
    both = [kind for kind in narrowed if kind in second or (kind == "integer" and not whole)]
    return list(dict.fromkeys(both)) or one


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
