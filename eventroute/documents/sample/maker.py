"""Makes a value up that is meant to fit a schema; whoever asked checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from eventroute.documents.sample.scalars import CannotMakeError, number, text
from eventroute.jsontext import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CannotMakeError", "Maker"]

_DEEP: Final = 5
_DEEPEST: Final = 24
_MOST: Final = 20_000
"""Most steps for one example: alternatives of alternatives multiply."""
_MOST_ELEMENTS: Final = 50
_OBJECT: Final = ("properties", "required", "additionalProperties", "patternProperties")
_ARRAY: Final = ("items", "prefixItems", "minItems", "contains")
_TEXT: Final = ("pattern", "minLength", "maxLength", "format")
_NUMBER: Final = ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")


_KINDS: Final[dict[type, tuple[str, ...]]] = {
    bool: ("boolean",),
    dict: ("object",),
    float: ("number", "integer"),
    int: ("integer", "number"),
    list: ("array",),
    str: ("string",),
}


class Maker:
    """Makes one value.

    :param choice: which of several alternatives to take first, from 0.
    :param deep: levels on which what may be left out is made, too.
    """

    def __init__(self, schema: Mapping[str, object], choice: int = 0, deep: int = _DEEP) -> None:
        self._root = schema
        self._choice = choice
        self._deep = deep
        self._left = _MOST

    def detail(self) -> Any:  # noqa: ANN401  any JSON value
        """Make a value of the whole schema.

        :raises CannotMakeError: none was found.
        """
        return self._made({"type": "object", **self._root}, 0)

    def _made(self, schema: Any, depth: int, count: int = 0) -> Any:  # noqa: ANN401  JSON
        """Make a value.

        :param count: how many values stand before it in the same array, so that it may differ.
        """
        self._left -= 1
        if schema is True or depth > _DEEPEST or self._left < 0:
            if schema is True:
                return "text" if not count else f"text {count}"
            raise CannotMakeError
        if not isinstance(schema, dict):
            raise CannotMakeError
        schema = self._merged(schema, 0)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            fitting = [one for one in schema["enum"] if _is_of(one, schema)] or schema["enum"]
            return fitting[count % len(fitting)]
        for keyword in ("examples", "default"):
            given = schema.get(keyword)
            values = given if keyword == "examples" and isinstance(given, list) else [given]
            if depth and len(values) > count and values[count] is not None:
                return values[count]
        for keyword in ("anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list) and schema[keyword]:
                return self._one_of(schema, keyword, depth, count)
        return self._of_kind(_kind(schema), schema, depth, count)

    def _of_kind(self, kind: str, schema: dict[str, Any], depth: int, count: int) -> Any:  # noqa: ANN401
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return text(schema, count)
            case "number" | "integer":
                return number(schema, count, whole=kind == "integer")
            case "boolean":
                return count % 2 == 0
            case _:
                return None

    def _one_of(self, schema: dict[str, Any], keyword: str, depth: int, count: int) -> Any:  # noqa: ANN401
        rest = {name: value for name, value in schema.items() if name != keyword}
        choices = [one for one in schema[keyword] if not _is_null(one)] or schema[keyword]
        turned = self._choice % len(choices)
        for one in (*choices[turned:], *choices[:turned]):
            if one is False:
                continue
            both = {**rest, "allOf": [*rest.get("allOf", []), one]}
            try:
                return self._made(both, depth, count)
            except CannotMakeError:
                continue
        raise CannotMakeError

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        members: dict[str, Any] = _dict(schema.get("properties"))
        required = [name for name in _list(schema.get("required")) if isinstance(name, str)]
        made: dict[str, Any] = {}
        for name, inner in members.items():
            if name in required or (depth < self._deep and inner is not False):
                try:
                    made[name] = self._made(inner, depth + 1)
                except CannotMakeError:
                    if name in required:
                        raise
        for name in required:
            if name not in made:
                made[name] = self._made(self._rest(schema, name), depth + 1)
        least = schema.get("minProperties", 0 if members else 1 if depth < self._deep else 0)
        others = self._rest(schema, "")
        if members and schema.get("minProperties") is None:
            return made
        for index in range(min(int(least), _MOST_ELEMENTS)):
            if len(made) >= least or others is False:
                break
            made.setdefault(f"name{index + 1}", self._made(others, depth + 1, index))
        return made

    def _rest(self, schema: dict[str, Any], name: str) -> Any:  # noqa: ANN401  a schema
        """The schema of a member that ``properties`` does not have."""
        del name
        return schema.get("additionalProperties", True)

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        items = schema.get("items", True)
        first = _list(schema.get("prefixItems"))
        if isinstance(items, list):
            first, items = items, schema.get("additionalItems", True)
        most = schema.get("maxItems", _MOST_ELEMENTS)
        least = schema.get("minItems", 1 if depth < self._deep else 0)
        if "contains" in schema:
            first = [*first, schema["contains"]]
        wanted = max(int(least), len(first))
        made = [self._made(one, depth + 1) for one in first]
        if items is False:
            return made[: int(most)]
        for index in range(len(made), min(wanted, int(most), _MOST_ELEMENTS)):
            try:
                made.append(self._made(items, depth + 1, index))
            except CannotMakeError:
                if len(made) < int(schema.get("minItems", 0)):
                    raise
                break
        return made

    def _merged(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """The schema with what it refers to and what ``allOf`` adds, in one object."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise CannotMakeError
        merged = {name: value for name, value in schema.items() if name not in {"$ref", "allOf"}}
        parts: list[Any] = [*_list(schema.get("allOf"))]
        if isinstance(schema.get("$ref"), str):
            parts.append(self._target(schema["$ref"]))
        for part in parts:
            if part is False:
                raise CannotMakeError
            if isinstance(part, dict):
                _join(merged, self._merged(part, depth + 1))
        return merged

    def _target(self, reference: str) -> Any:  # noqa: ANN401  a schema
        if not reference.startswith("#"):
            raise CannotMakeError
        try:
            return value_at(self._root, unquote(reference[1:]))
        except LookupError:
            raise CannotMakeError from None


def _join(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Add the keywords of one schema to another; where both have one, the narrower where known."""
    for keyword, value in more.items():
        known = into.get(keyword)
        if keyword not in into:
            into[keyword] = value
        elif keyword in {"properties", "patternProperties"} and isinstance(value, dict):
            both = dict(_dict(known))
            for name, inner in value.items():
                both[name] = {"allOf": [both[name], inner]} if name in both else inner
            into[keyword] = both
        elif keyword == "required":
            into[keyword] = list(dict.fromkeys([*_list(known), *_list(value)]))
        elif keyword.startswith("min") or keyword == "exclusiveMinimum":
            into[keyword] = max(known, value)
        elif keyword.startswith("max") or keyword == "exclusiveMaximum":
            into[keyword] = min(known, value)
        elif keyword == "type":
            into[keyword] = _common(known, value)
        elif keyword == "enum" and isinstance(known, list):
            into[keyword] = [one for one in known if one in value] or known
        elif keyword in {"anyOf", "oneOf"} and value != known:
            pairs = [{"allOf": [one, other]} for one in _list(known) for other in _list(value)]
            into[keyword] = pairs[:_MOST_ELEMENTS]


def _common(one: Any, other: Any) -> Any:  # noqa: ANN401  what "type" has
    first = one if isinstance(one, list) else [one]
    second = other if isinstance(other, list) else [other]
    both = [kind for kind in first if kind in second]
    if not both and {"number", "integer"} == {*first, *second}:
        return "integer"
    return both or one


def _is_of(value: object, schema: dict[str, Any]) -> bool:
    kinds = schema.get("type", [])
    names = {kinds} if isinstance(kinds, str) else set(_list(kinds))
    return not names or not names.isdisjoint(_KINDS.get(type(value), ("null",)))


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        kinds = next((kind for kind in kinds if kind != "null"), "null")
    if isinstance(kinds, str):
        return kinds
    for kind, keywords in (
        ("object", _OBJECT),
        ("array", _ARRAY),
        ("number", _NUMBER),
        ("string", _TEXT),
    ):
        if any(keyword in schema for keyword in keywords):
            return kind
    return "string"


def _is_null(schema: object) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
