"""What a value must fulfil beside its type, in phrases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["constraints_of"]

_LONGEST: Final = 160
_MOST_VALUES: Final = 20
_LIMITS: Final = {
    "const": "always {}",
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "{} or more characters",
    "maxLength": "up to {} characters",
    "minItems": "{} or more elements",
    "maxItems": "up to {} elements",
    "minProperties": "{} or more members",
    "maxProperties": "up to {} members",
    "default": "default {}",
}
_VALUES: Final = frozenset({"const", "default"})
_FLAGS: Final = {
    "uniqueItems": "no element twice",
    "deprecated": "deprecated",
}


def constraints_of(schemas: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """List the constraints of schemas that all apply, each once."""
    yield from dict.fromkeys(phrase for one in schemas for phrase in _phrases(one))


def _phrases(schema: Mapping[str, Any]) -> Iterator[str]:
    values = schema.get("enum")
    if isinstance(values, list):
        shown = [_json(value) for value in values[:_MOST_VALUES]]
        if len(values) > _MOST_VALUES:
            shown.append(f"or {len(values) - _MOST_VALUES} more")
        yield f"one of {', '.join(shown)}"
    if isinstance(schema.get("pattern"), str):
        yield f"matches {_short(schema['pattern'])}"
    for keyword, phrase in _LIMITS.items():
        # Draft-04's exclusive limits are booleans.
        said = keyword in schema and (
            keyword in _VALUES or not isinstance(schema[keyword], bool | None)
        )
        if said:
            yield phrase.format(_json(schema[keyword]))
    for keyword, phrase in _FLAGS.items():
        if schema.get(keyword) is True:
            yield phrase
    if schema.get("additionalProperties") is False:
        yield "no other members"


def _json(value: object) -> str:
    try:
        return _short(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
