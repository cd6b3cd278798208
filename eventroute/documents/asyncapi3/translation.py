"""A contract of any draft in the document's own schema language: a superset of draft-07."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import LISTS, MAPS, REFERENCES, SINGLES
from eventroute.dialects.modern import exclusive_as_numbers
from eventroute.documents.asyncapi3.places import fragment_of
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.documents.asyncapi3.places import Places

__all__ = ["Translation", "UntranslatableError"]

_SINCE: Final = {
    "const": 6,
    "contains": 6,
    "contentEncoding": 7,
    "contentMediaType": 7,
    "deprecated": 2019,
    "else": 7,
    "examples": 6,
    "if": 7,
    "propertyNames": 6,
    "readOnly": 7,
    "then": 7,
    "writeOnly": 7,
}
"""The draft in which a keyword came to mean something; earlier ones pass over it."""

_PLAIN: Final = frozenset(
    {
        "const",
        "contentEncoding",
        "contentMediaType",
        "default",
        "deprecated",
        "description",
        "enum",
        "examples",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "readOnly",
        "required",
        "title",
        "type",
        "uniqueItems",
        "writeOnly",
    }
)
_ITEMS: Final = frozenset({"additionalItems", "items", "prefixItems"})
_DEPENDENCIES: Final = frozenset({"dependencies", "dependentRequired", "dependentSchemas"})
_UNTRANSLATABLE: Final = frozenset(
    {"maxContains", "minContains", "unevaluatedItems", "unevaluatedProperties"}
)
_UNKNOWN: Final = frozenset({"contentSchema"})
"""Draft-07 passes over it."""
_ONE: Final = SINGLES - _ITEMS - _UNTRANSLATABLE - _UNKNOWN
_MANY: Final = LISTS - _ITEMS
_NAMED: Final = MAPS - _DEPENDENCIES


class UntranslatableError(Exception):
    """The schema says what draft-07 cannot say."""


class Translation:
    """Translates one contract. What draft-07 would pass over is left out.

    :param draft: 4, 6, 7, 2019 or 2020.
    :param home: the reference that leads to the result.
    """

    def __init__(self, places: Places, draft: int, home: str) -> None:
        self._places = places
        self._draft = draft
        self._home = home
        self._moved: dict[str, str] = {}
        self._references: list[tuple[dict[str, Any], str]] = []

    def of(self, schema: Mapping[str, object]) -> dict[str, Any]:
        """Translate the whole schema.

        :raises UntranslatableError: it would mean something else.
        :raises ContractError: a reference leads nowhere.
        """
        result: dict[str, Any] = self._translated(dict(schema), "", "")
        for holder, target in self._references:
            if target not in self._moved:
                raise UntranslatableError
            holder["$ref"] = self._home + fragment_of(self._moved[target])
        return result

    def _translated(self, node: Any, old: str, new: str) -> Any:  # noqa: ANN401  any schema
        self._moved[old] = new
        if not isinstance(node, dict):
            return node
        reference = self._reference(node, old)
        if reference is not None and self._draft <= 7:
            definitions = node.get("definitions")
            node = {} if definitions is None else {"definitions": definitions}
        result: dict[str, Any] = {}
        first = ("prefixItems",) if "prefixItems" in node else ()  # it decides what "items" means
        for keyword in dict.fromkeys((*first, *node)):
            value = node[keyword]
            if keyword in _UNTRANSLATABLE and self._draft >= 2019:
                raise UntranslatableError
            if _SINCE.get(keyword, 0) <= self._draft:
                self._keyword(result, keyword, value, old, new)
        if self._draft == 4:
            exclusive_as_numbers(result)
        if reference is None:
            return result
        holder = {"$ref": ""}
        self._references.append((holder, reference))
        if not result:
            return holder
        # In draft-07, nothing counts that stands beside a reference.
        result.setdefault("allOf", []).append(holder)
        return result

    def _reference(self, node: Mapping[str, Any], old: str) -> str | None:
        found = [
            (keyword, value)
            for keyword in (REFERENCES if self._draft >= 2019 else REFERENCES[:1])
            if isinstance(value := node.get(keyword), str)
        ]
        if len(found) > 1:
            raise UntranslatableError
        return self._places.target(old, *found[0]) if found else None

    def _keyword(
        self,
        result: dict[str, Any],
        keyword: str,
        value: Any,  # noqa: ANN401  what a keyword has
        old: str,
        new: str,
    ) -> None:
        if keyword in _PLAIN:
            result[keyword] = value
        elif keyword in _ONE:
            step = pointer(keyword)
            result[keyword] = self._translated(value, old + step, new + step)
        elif keyword in _MANY:
            result[keyword] = self._several(value, old + pointer(keyword), new + pointer(keyword))
        elif keyword in _NAMED:
            name = "definitions" if keyword == "$defs" else keyword
            self._named(result, name, value, old + pointer(keyword), new)
        elif keyword in _ITEMS:
            self._items(result, keyword, value, old + pointer(keyword), new)
        elif keyword in _DEPENDENCIES:
            self._dependencies(result, keyword, value, old + pointer(keyword), new)

    def _several(self, value: list[Any], old: str, new: str) -> list[Any]:
        return [
            self._translated(one, f"{old}/{index}", f"{new}/{index}")
            for index, one in enumerate(value)
        ]

    def _named(
        self, result: dict[str, Any], keyword: str, value: dict[str, Any], old: str, new: str
    ) -> None:
        into = result.setdefault(keyword, {})
        for name, one in value.items():
            if name in into:  # such as one name in "$defs" and in "definitions"
                raise UntranslatableError
            into[name] = self._translated(one, old + pointer(name), new + pointer(keyword, name))

    def _items(
        self,
        result: dict[str, Any],
        keyword: str,
        value: Any,  # noqa: ANN401  one schema or several
        old: str,
        new: str,
    ) -> None:
        is_latest = self._draft == 2020
        if (keyword == "prefixItems") is not is_latest and keyword != "items":
            return  # not a keyword of this draft
        if isinstance(value, list):
            result["items"] = self._several(value, old, new + "/items")
        else:
            rest = keyword == "additionalItems" or (is_latest and "items" in result)
            name = "additionalItems" if rest else "items"
            result[name] = self._translated(value, old, new + pointer(name))

    def _dependencies(
        self, result: dict[str, Any], keyword: str, value: dict[str, Any], old: str, new: str
    ) -> None:
        if (keyword == "dependencies") is (self._draft >= 2019):
            return  # not a keyword of this draft
        into = result.setdefault("dependencies", {})
        for name, one in value.items():
            if name in into:
                raise UntranslatableError
            place = new + pointer("dependencies", name)
            into[name] = (
                one if isinstance(one, list) else self._translated(one, old + pointer(name), place)
            )
