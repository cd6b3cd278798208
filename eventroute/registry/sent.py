"""What a writer's schemas say of the values in objects and arrays that it sends.

A value that they may describe in another way, too (in alternatives, by a pattern of names), is
marked by a schema that may declare anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.applying import applying
from eventroute.dialects.places import LocalPlaces, ids_in
from eventroute.jsontext import objects_in
from eventroute.registry.inclusion.words import matches
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from eventroute.registry.inclusion import Budget, Document

__all__ = ["Parts", "Sent", "followed"]

Parts = list[dict[str, Any]]
"""All the schemas that apply to what the writer sends in one place."""

_UNFOLLOWED: Final = frozenset({"$dynamicRef", "$recursiveRef", "const", "enum"})
_BRANCHES: Final = frozenset(
    {"anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"}
)
_OF_MEMBERS: Final = frozenset(
    {"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"}
)
_OF_ITEMS: Final = frozenset(
    {"items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"}
)
_TELLING: Final = _UNFOLLOWED | _BRANCHES | _OF_MEMBERS | _OF_ITEMS
_MAYBE_TELLING: Final = _TELLING | {"$ref"}
_A_MATCH: Final = 50
_ELSEWHERE: Final[dict[str, Any]] = {"$dynamicRef": "#"}
"""Stands for what is not followed: it may declare anything."""


class Sent:
    """What one writer sends, from place to place.

    A place of no parts is one of which the writer says nothing. Every method but ``is_open`` and
    ``key`` raises OutOfBudgetError.
    """

    def __init__(self, writer: Document, budget: Budget) -> None:
        self._budget: Final = budget
        self._root: Final = writer.schema
        self._draft: Final = writer.draft
        self._places: Final = followed(
            LocalPlaces(writer.schema), objects_in(list(writer.schema.values()))
        )
        self._vague: Final[dict[int, bool]] = {}

    def root(self) -> Parts:
        """The whole."""
        return self._parts([self._root], elsewhere=False)

    def member(self, parts: Parts, name: str) -> Parts | None:
        """The member of this name; ``None`` where no ``properties`` declare it."""
        self._budget.spend(len(parts))
        declared: list[dict[str, Any]] = [part.get("properties", {}) for part in parts]
        found = [one[name] for one in declared if name in one]
        if not found:
            return None
        return self._parts(found, any(self._says_more(part, name) for part in parts))

    def others(self, parts: Parts, known: Collection[str]) -> Parts:
        """All members but the known ones."""
        found: list[object] = [
            part["additionalProperties"] for part in parts if "additionalProperties" in part
        ]
        named = (part.get("properties", {}) for part in parts)
        found += [schema for one in named for name, schema in one.items() if name not in known]
        elsewhere = any(
            self._is_vague(part)
            or _says(part, "unevaluatedProperties")
            or any(map(_is_telling, part.get("patternProperties", {}).values()))
            for part in parts
        )
        return self._parts(found, elsewhere)

    def item(self, parts: Parts, keyword: str, index: int) -> Parts:
        """The item at a position for which there is a list of schemas under the keyword."""
        self._budget.spend(len(parts))
        found: list[object] = []
        elsewhere = False
        for part in parts:
            listed = self._listed(part, keyword)
            if index < len(listed):
                found.append(listed[index])
            elif _says(part, "items", "prefixItems", "additionalItems"):
                elsewhere = True
        return self._parts(found, elsewhere or self._says_of_any_item(parts))

    def items(self, parts: Parts, first: int) -> Parts:
        """All items from a position on."""
        if any(is_array(part.get("items")) for part in parts):
            return []
        found: list[object] = [part["items"] for part in parts if "items" in part]
        for part in parts:
            found += self._listed(part, "prefixItems")[first:]
        return self._parts(found, self._says_of_any_item(parts))

    def additional_items(self, parts: Parts, first: int) -> Parts:
        """All items from a position on, as drafts before 2020-12 say it."""
        found: list[object] = []
        elsewhere = False
        for part in parts:
            listed = self._listed(part, "items")
            if "additionalItems" in part and listed:
                found.append(part["additionalItems"])
            elsewhere = (
                elsewhere
                or any(map(_is_telling, listed[first:]))
                or _says(part, "prefixItems")
                or (not listed and _says(part, "items"))
            )
        return self._parts(found, elsewhere or self._says_of_any_item(parts))

    def is_open(self, parts: Parts) -> bool:
        """Whether members that are not declared may be anything."""
        return all(
            part.get("additionalProperties", True) in (True, {})
            and part.get("unevaluatedProperties", True) in (True, {})
            and not part.get("patternProperties")
            and _UNFOLLOWED.isdisjoint(part)
            and _BRANCHES.isdisjoint(part)
            for part in parts
        )

    def key(self, parts: Parts) -> tuple[int, ...]:
        """The same for places of which the same is said, as far as this class tells."""
        return tuple(id(part) for part in parts if not _TELLING.isdisjoint(part))

    def _parts(self, schemas: list[object], elsewhere: bool) -> Parts:
        found = {
            id(one): one
            for schema in schemas
            for one in applying(schema, self._led_to, beside_references=self._draft >= 2019)
            if is_object(one)
        }
        if found and elsewhere:
            found[id(_ELSEWHERE)] = _ELSEWHERE
        self._budget.spend(len(schemas) + len(found))
        return list(found.values())

    def _led_to(self, reference: str) -> object:
        place = self._places.of(reference) if self._places else None
        return _ELSEWHERE if place is None else place[1]

    def _listed(self, part: dict[str, Any], keyword: str) -> list[object]:
        if keyword == "prefixItems" and self._draft < 2020:
            return []
        listed = part.get(keyword)
        return listed if is_array(listed) else []

    def _says_more(self, part: dict[str, Any], name: str) -> bool:
        """Whether a schema may say something of the member, other than by ``properties``."""
        if self._is_vague(part):
            return True
        patterns: dict[str, Any] = part.get("patternProperties", {})
        for pattern, schema in patterns.items():
            self._budget.spend(_A_MATCH)
            if _is_telling(schema) and matches(pattern, name) is not False:
                return True
        return name not in part.get("properties", {}) and _says(
            part, "additionalProperties", "unevaluatedProperties"
        )

    def _says_of_any_item(self, parts: Parts) -> bool:
        return any(
            self._is_vague(part) or _says(part, "contains", "unevaluatedItems") for part in parts
        )

    def _is_vague(self, part: dict[str, Any]) -> bool:
        """Whether it may say something of members and items that is not followed."""
        known = self._vague.get(id(part))
        if known is None:
            known = self._vague[id(part)] = not _UNFOLLOWED.isdisjoint(part) or any(
                self._may_tell(part[keyword]) for keyword in _BRANCHES.intersection(part)
            )
        return known

    def _may_tell(self, branches: object) -> bool:
        for one in objects_in(branches):
            self._budget.spend()
            if not _MAYBE_TELLING.isdisjoint(one):
                return True
        return False


def followed(places: LocalPlaces, inner: Iterable[dict[str, Any]]) -> LocalPlaces | None:
    """``None`` where a part is called by an ``$id``, and references may mean something else there.

    :param inner: the objects inside the document.
    """
    return places if next(ids_in(inner), None) is None else None


def _says(part: dict[str, Any], *keywords: str) -> bool:
    """Whether one of them may say something of members or items."""
    return any(_is_telling(part.get(keyword)) for keyword in keywords)


def _is_telling(schema: object) -> bool:
    # What is forbidden is not sent, so that false tells nothing of it.
    return any(map(_is_telling, schema)) if is_array(schema) else is_object(schema) and bool(schema)
