"""A plain example of what a schema describes, made quickly; it may fail to fit, and is checked."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final

from eventroute.jsontext import segments
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["sample"]

_DEEPEST: Final = 24
_OPTIONAL_DOWN_TO: Final = 5
_MOST_VALUES: Final = 2_000
_MOST_ITEMS: Final = 20
_FORMATS: Final = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "email": "kim@example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_Schema = dict[str, Any]


def sample(schema: Mapping[str, object], *, whole: bool) -> object:
    """Make an example.

    :param whole: with the members that are optional, too, a few levels down.
    """
    return _Sampler(dict(schema), whole=whole).value(schema, 0)


class _Sampler:
    def __init__(self, root: _Schema, *, whole: bool) -> None:
        self._root = root
        self._whole = whole
        self._left = _MOST_VALUES

    def value(self, schema: object, depth: int) -> object:
        self._left -= 1
        merged = self._merged(schema, depth)
        if depth > _DEEPEST or self._left < 0:
            return None
        listed = _listed(merged)
        if listed:
            return listed[0]
        made: dict[object, Callable[[], object]] = {
            "object": lambda: self._object(merged, depth),
            "array": lambda: self._array(merged, depth),
            "string": lambda: _text(merged),
            "integer": lambda: _number(merged, whole=True),
            "number": lambda: _number(merged, whole=False),
            "boolean": lambda: True,
        }
        return made.get(_kind(merged), lambda: None)()

    def _object(self, schema: _Schema, depth: int) -> _Schema:
        declared = _mapping(schema.get("properties"))
        required = schema.get("required")
        names = [name for name in required if isinstance(name, str)] if is_array(required) else []
        if self._whole and depth < _OPTIONAL_DOWN_TO:
            names += declared
        others = schema.get("additionalProperties", True)
        return {
            name: self.value(declared.get(name, others), depth + 1) for name in dict.fromkeys(names)
        }

    def _array(self, schema: _Schema, depth: int) -> list[object]:
        least = schema.get("minItems")
        count = least if isinstance(least, int) else 0
        if self._whole and depth < _OPTIONAL_DOWN_TO and schema.get("maxItems") != 0:
            count = max(count, 1)
        items = schema.get("items", True)
        first = items if is_array(items) else schema.get("prefixItems")
        tuple_ = first if is_array(first) else []
        rest = schema.get("additionalItems", True) if is_array(items) else items
        return [
            self.value(tuple_[place] if place < len(tuple_) else rest, depth + 1)
            for place in range(min(count, _MOST_ITEMS))
        ]

    def _merged(self, schema: object, depth: int) -> _Schema:
        """The schema with what it refers to, all of ``allOf`` and the first of alternatives."""
        own = _mapping(schema)
        if depth > _DEEPEST:
            return own
        parts: list[object] = list(own["allOf"]) if is_array(own.get("allOf")) else []
        for keyword in ("anyOf", "oneOf"):
            choices = own.get(keyword)
            parts += [one for one in choices if one is not False][:1] if is_array(choices) else []
        if isinstance(own.get("$ref"), str):
            parts.append(self._target(own["$ref"]))
        merged = own
        for part in parts:
            merged = _both(merged, self._merged(part, depth + 1))
        return merged

    def _target(self, reference: str) -> object:
        if not reference.startswith("#"):
            return True
        found: object = self._root
        for name in segments(reference):
            found = _mapping(found).get(name, True)
        return found


def _both(one: _Schema, two: _Schema) -> _Schema:
    merged = {**two, **one}
    required = [*_names(one), *_names(two)]
    if "type" in one and "type" in two:
        others = _types(two)
        merged["type"] = [kind for kind in _types(one) if kind in others] or one["type"]
    if is_array(one.get("enum")) and is_array(two.get("enum")):
        merged["enum"] = [value for value in one["enum"] if value in two["enum"]]
    if required:
        merged["required"] = required
    mine, theirs = _mapping(one.get("properties")), _mapping(two.get("properties"))
    if mine or theirs:
        shared = {name: {"allOf": [mine[name], theirs[name]]} for name in mine.keys() & theirs}
        merged["properties"] = {**theirs, **mine, **shared}
    return merged


def _types(schema: _Schema) -> list[object]:
    kind = schema["type"]
    kinds: list[object] = kind if is_array(kind) else [kind]
    # A whole number is a number.
    return [*(["integer"] if "number" in kinds else []), *kinds]


def _listed(schema: _Schema) -> list[object]:
    """Values that the schema itself names."""
    if "const" in schema:
        return [schema["const"]]
    enum, examples = schema.get("enum"), schema.get("examples")
    if is_array(enum):
        return enum
    return [schema["default"]] if "default" in schema else examples if is_array(examples) else []


def _names(schema: _Schema) -> list[object]:
    required = schema.get("required")
    return list(required) if is_array(required) else []


def _kind(schema: _Schema) -> object:
    kind = schema.get("type")
    if is_array(kind):
        return next((one for one in kind if one != "null"), "null")
    if kind is None:
        return "object" if "properties" in schema or "required" in schema else "string"
    return kind


def _text(schema: _Schema) -> str:
    known = _FORMATS.get(str(schema.get("format")))
    if known is not None:
        return known
    least = schema.get("minLength")
    return "x" * max(1, min(least, 10_000) if isinstance(least, int) else 1)


def _number(schema: _Schema, *, whole: bool) -> float:
    low = _bound(schema, "minimum", "exclusiveMinimum", 1)
    high = _bound(schema, "maximum", "exclusiveMaximum", -1)
    value = low if low is not None else min(high, 1) if high is not None else 1
    return (ceil(value) if low is not None else floor(value)) if whole else value


def _bound(schema: _Schema, closed: str, open_: str, step: int) -> float | None:
    bound, beyond = schema.get(closed), schema.get(open_)
    if isinstance(beyond, int | float) and not isinstance(beyond, bool):
        return beyond + step
    if isinstance(bound, int | float) and not isinstance(bound, bool):
        return bound + step if beyond is True else bound
    return None


def _mapping(value: object) -> _Schema:
    return value if is_object(value) else {}
