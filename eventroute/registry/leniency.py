"""What registries of Kafka's field accept beyond the truth, as a change of the reader's schema.

Two rules, for each place where writer and reader describe the same object:

- A property with a ``default`` is not required: the reader is taken to fill it in.
- A property that only the reader declares may hold anything, where the writer leaves undeclared
  members open (no ``additionalProperties``, and no ``patternProperties``): the writer is taken not
  to send what it does not declare.

Places are found through ``properties``, ``items``, ``additionalProperties``, ``allOf`` and
``$ref``, never under ``not`` or ``if``, so the changed schema accepts all that the reader's does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.applying import applying
from eventroute.dialects.places import LocalPlaces
from eventroute.jsontext import objects_in, value_at
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion import Document

__all__ = ["lenient"]

_DEFINITIONS: Final = "$defs"
# Not every place of a subschema: only those where both surely describe the same value.
_FOLLOWED: Final = ("items", "additionalProperties", "additionalItems")
_FOLLOWED_LISTS: Final = ("prefixItems", "items")
_MOST_REFERENCES: Final = 50
_DEEPEST: Final = 60
# They may declare a member, too.
_BRANCHING: Final = frozenset(
    {
        *("$dynamicRef", "$recursiveRef", "anyOf", "oneOf", "not", "if"),
        *("dependentSchemas", "dependencies"),
    }
)
_DECLARING: Final = _BRANCHING.union(
    _FOLLOWED,
    _FOLLOWED_LISTS,
    ("properties", "patternProperties", "unevaluatedProperties"),
)
_ELSEWHERE: Final[dict[str, Any]] = {"$dynamicRef": "#"}
"""Stands for what a reference leads to that is not followed: it may declare anything."""
_OF_THE_ROOT: Final = frozenset({"$schema", "$id", "id", "$defs", "definitions"})
_Parts = list[dict[str, Any]]
"""All the schemas that apply to what the writer sends in one place."""


def lenient(writer: Document, reader: Document) -> Document:
    """Return the reader as the profile ``registry`` reads it, for events of this writer."""
    leniency = _Leniency(writer, reader.schema)
    changed = leniency.changed()
    return replace(reader, schema=changed, moved=leniency.moved)


class _Leniency:
    def __init__(self, writer: Document, reader: dict[str, Any]) -> None:
        self._writer: Final = writer.schema
        self._reader: Final = reader
        self._beside_references: Final = writer.draft >= 2019
        self._places: Final = LocalPlaces(writer.schema)
        self._made: Final[dict[tuple[int, ...], str]] = {}
        self._definitions: Final[dict[str, Any]] = {}
        self._plain: Final = not _has_inner_ids(self._writer) and not _has_inner_ids(reader)
        self._depth = 0
        self.moved: Final[dict[str, str]] = {}

    def changed(self) -> dict[str, Any]:
        root: dict[str, Any] = self._at(self._parts([self._writer]), self._reader)
        if self._definitions:
            # Definitions of its own: the same one may be read beside several of the writer's.
            own: dict[str, Any] = root.get(_DEFINITIONS, {})
            root = {**root, _DEFINITIONS: {**own, **self._definitions}}
        return root

    def _parts(self, schemas: Iterable[object]) -> _Parts:
        found = (
            one
            for schema in schemas
            for one in applying(schema, self._led_to, beside_references=self._beside_references)
        )
        return list({id(one): one for one in found if is_object(one)}.values())

    def _led_to(self, reference: str) -> object:
        """What a reference of the writer leads to."""
        place = self._places.of(reference) if self._plain else None
        return _ELSEWHERE if place is None else place[1]

    def _at(self, writer: _Parts, reader: object) -> Any:  # noqa: ANN401  a schema
        """The reader's schema of one place, changed for what the writer sends there."""
        if not is_object(reader) or not writer or self._depth >= _DEEPEST:
            return reader
        self._depth += 1
        try:
            return self._changed(writer, reader)
        finally:
            self._depth -= 1

    def _changed(self, writer: _Parts, reader: dict[str, Any]) -> dict[str, Any]:
        changed = dict(reader)
        if self._plain and isinstance(reader.get("$ref"), str):
            changed["$ref"] = self._reference(writer, reader)
        for keyword in _FOLLOWED:
            theirs = _sent_as(keyword, writer, reader)
            if keyword in reader and not any(map(is_array, theirs)):
                changed[keyword] = self._at(self._parts(theirs), reader[keyword])
        for keyword in _FOLLOWED_LISTS:
            ours = reader.get(keyword)
            if is_array(ours):
                lists = [part[keyword] for part in writer if is_array(part.get(keyword))]
                changed[keyword] = [
                    self._at(self._parts(one[place] for one in lists if place < len(one)), part)
                    for place, part in enumerate(ours)
                ]
        if is_array(reader.get("allOf")):
            changed["allOf"] = [self._at(writer, part) for part in reader["allOf"]]
        self._members(writer, reader, changed)
        return changed

    def _members(self, writer: _Parts, reader: dict[str, Any], changed: dict[str, Any]) -> None:
        declared: dict[str, Any] = reader.get("properties", {})
        if declared:
            is_open = _is_open(writer)
            changed["properties"] = {
                name: self._member(name, writer, schema, is_open=is_open)
                for name, schema in declared.items()
            }
        required = reader.get("required")
        if is_array(required):
            still = [name for name in required if not self._has_default(declared.get(name))]
            changed["required"] = still
            if not still:
                del changed["required"]  # draft-04 knows no empty list

    def _member(self, name: str, writer: _Parts, reader: object, *, is_open: bool) -> object:
        named: list[dict[str, Any]] = [part.get("properties", {}) for part in writer]
        sent = [one[name] for one in named if name in one]
        if sent:
            return self._at(self._parts(sent), reader)
        return {} if is_open else reader

    def _has_default(self, schema: object) -> bool:
        return (is_object(schema) and "default" in schema) or (
            is_object(found := _target(self._reader, schema)) and "default" in found
        )

    def _reference(self, writer: _Parts, reader: dict[str, Any]) -> str:
        """A definition of what the reference leads to, changed for this writer."""
        reference: str = reader["$ref"]
        target = _target(self._reader, reader)
        if not is_object(target) or target is reader:
            return reference
        declaring = (id(part) for part in writer if not _DECLARING.isdisjoint(part))
        key = (id(target), *declaring)
        if key not in self._made:
            name = f"read-{len(self._made) + 1}"
            while name in self._reader.get(_DEFINITIONS, {}):
                name += "-"
            self._made[key] = name
            self.moved[f"/{_DEFINITIONS}/{name}"] = reference.removeprefix("#")
            made = self._at(writer, target)
            if target is self._reader:
                made = {k: part for k, part in made.items() if k not in _OF_THE_ROOT}
            self._definitions[name] = made
        return f"#/{_DEFINITIONS}/{self._made[key]}"


def _has_inner_ids(root: dict[str, Any]) -> bool:
    """Whether a part is a resource of its own, where references mean something else."""
    return any(
        isinstance(part.get(name), str)
        for part in objects_in(list(root.values()))
        for name in ("$id", "id")
    )


def _target(root: dict[str, Any], schema: object) -> object:
    """What a schema of the reader refers to within the document, or the schema itself."""
    for _ in range(_MOST_REFERENCES):
        reference = schema.get("$ref") if is_object(schema) else None
        if reference != "#" and not (isinstance(reference, str) and reference.startswith("#/")):
            break
        try:
            schema = value_at(root, reference)
        except LookupError:
            break
    return schema


def _sent_as(keyword: str, writer: _Parts, reader: dict[str, Any]) -> list[object]:
    """What the writer says of the values to which the reader's keyword applies."""
    found: list[object] = [part[keyword] for part in writer if keyword in part]
    if keyword == "additionalProperties":
        known = reader.get("properties", {})
        named = (part.get("properties", {}) for part in writer)
        found += [schema for one in named for name, schema in one.items() if name not in known]
    elif keyword == "items":
        first = len(reader.get("prefixItems", ()))
        lists = (part["prefixItems"] for part in writer if is_array(part.get("prefixItems")))
        found += [schema for one in lists for schema in one[first:]]
    return found


def _is_open(writer: _Parts) -> bool:
    """Whether what the writer does not declare may be anything."""
    return all(
        part.get("additionalProperties", True) in (True, {})
        and part.get("unevaluatedProperties", True) in (True, {})
        and not part.get("patternProperties")
        and _BRANCHING.isdisjoint(part)
        for part in writer
    )
