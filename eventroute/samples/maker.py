"""Makes a value up that is meant to fit a schema; whoever asked checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.places import LocalPlaces
from eventroute.samples.errors import CannotMakeError
from eventroute.samples.merging import merged
from eventroute.samples.scalars import number, text
from eventroute.samples.style import TELLING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.samples.style import Style

__all__ = ["Maker"]

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

    def __init__(
        self,
        schema: Mapping[str, object],
        style: Style = TELLING,
        *,
        choice: int = 0,
        deep: int = _DEEP,
    ) -> None:
        self._root = schema
        self._places = LocalPlaces(schema)
        self._style = style
        self._given_from = 0
        self._choice = choice
        self._deep = deep
        self._left = _MOST

    def value(self) -> Any:  # noqa: ANN401  any JSON value
        """Make a value of the whole schema.

        :raises CannotMakeError: none was found.
        """
        return self._made(self._root, 0)

    def detail(self) -> Any:  # noqa: ANN401  any JSON value
        """Make a new value of the whole schema, none that it gives as an example.

        :raises CannotMakeError: none was found.
        """
        self._given_from = 1
        return self._made({"type": "object", **self._root}, 0)

    def _made(self, schema: Any, depth: int, count: int = 0) -> Any:  # noqa: ANN401  JSON
        """Make a value.

        :param count: how many values stand before it in the same array, so that it may differ.
        """
        if schema is True:
            return f"{self._style.word} {count}" if count else self._style.word
        if depth > _DEEPEST or not isinstance(schema, dict):
            raise CannotMakeError
        self._spend()
        schema = merged(schema, self._target, self._spend)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            fitting = [one for one in schema["enum"] if _is_of(one, schema)] or schema["enum"]
            return fitting[count % len(fitting)]
        for keyword in ("examples", "default"):
            given = schema.get(keyword)
            values = given if keyword == "examples" and isinstance(given, list) else [given]
            if depth >= self._given_from and len(values) > count and values[count] is not None:
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
                return text(schema, self._style, count)
            case "number" | "integer":
                return number(schema, self._style, count, whole=kind == "integer")
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
                made[name] = self._made(schema.get("additionalProperties", True), depth + 1)
        some = self._style.varied and not members and depth < self._deep
        least = schema.get("minProperties", int(some))
        others = schema.get("additionalProperties", True)
        for index in range(min(int(least), _MOST_ELEMENTS)):
            if len(made) >= least or others is False:
                break
            made.setdefault(f"name{index + 1}", self._made(others, depth + 1, index))
        return made

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
        differ = self._style.varied or schema.get("uniqueItems") is True
        made = [self._made(one, depth + 1) for one in first]
        if items is False:
            return made[: int(most)]
        for index in range(len(made), min(wanted, int(most), _MOST_ELEMENTS)):
            try:
                made.append(self._made(items, depth + 1, index if differ else 0))
            except CannotMakeError:
                if len(made) < int(schema.get("minItems", 0)):
                    raise
                break
        return made

    def _target(self, reference: str) -> object:
        place = self._places.of(reference)
        if place is None:
            raise CannotMakeError
        return place[1]

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise CannotMakeError


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
