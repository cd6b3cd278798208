"""What registries of Kafka's field accept beyond the truth, as a change of the reader's schema.

Two rules, for each place where writer and reader describe the same object:

- A property with a ``default``, in any schema that applies, is not required: the reader is taken
  to fill it in.
- A property that only the reader declares may hold anything, where the writer leaves undeclared
  members open (no ``additionalProperties``, no ``patternProperties``, no alternatives) and does not
  describe the object in another way, too: the writer is taken not to send what it does not declare.

Places are found through ``properties``, ``items``, ``additionalProperties``, ``allOf`` and
``$ref``, never under ``not``, ``if`` or ``oneOf``, so the changed schema accepts all that the
reader's does. A reader where these may refer to a place that would be changed stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.applying import applying
from eventroute.dialects.keywords import REFERENCES, map_subschemas
from eventroute.dialects.places import LocalPlaces
from eventroute.jsontext import objects_in
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.sent import Sent, followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.registry.inclusion import Budget, Document
    from eventroute.registry.sent import Parts

__all__ = ["lenient"]

_DEFINITIONS: Final = "$defs"
_DEEPEST: Final = 60
_TURNING: Final = frozenset({"not", "if", "oneOf"})
_OF_DEFINITIONS: Final = ("/$defs/", "/definitions/")
_OF_THE_ROOT: Final = frozenset({"$schema", "$id", "id", "$defs", "definitions"})


def lenient(writer: Document, reader: Document, budget: Budget) -> Document:
    """Return the reader as the profile ``registry`` reads it, for events of this writer.

    :raises OutOfBudgetError: there are more combinations of parts than the budget allows for.
    """
    parts = list(objects_in(reader.schema))
    places = LocalPlaces(reader.schema)
    if _may_turn(parts, places):
        return reader
    leniency = _Leniency(writer, reader, budget, parts, places)
    changed = leniency.changed()
    return replace(reader, schema=changed, moved=leniency.moved)


def _may_turn(parts: list[dict[str, Any]], places: LocalPlaces) -> bool:
    """Whether more that fits one place may be less that fits another.

    Definitions are changed in copies; only references to other places meet what was changed.

    :param parts: the objects in the document, its root first.
    """
    if all(_TURNING.isdisjoint(part) for part in parts):
        return False
    led_to = [places.of(str(part[name])) for part in parts for name in REFERENCES if name in part]
    return any(one is None or not one[0].startswith(_OF_DEFINITIONS) for one in led_to)


class _Leniency:
    def __init__(
        self,
        writer: Document,
        reader: Document,
        budget: Budget,
        parts: list[dict[str, Any]],
        places: LocalPlaces,
    ) -> None:
        self._budget: Final = budget
        self._sent: Final = Sent(writer, budget)
        self._reader: Final = reader.schema
        self._draft: Final = reader.draft
        # Where "$defs" is no keyword, it may be no object, and nothing can be added to it.
        can_define = is_object(reader.schema.get(_DEFINITIONS, {}))
        self._places: Final = followed(places, parts[1:]) if can_define else None
        self._has_anchors: Final = any("$anchor" in part for part in parts)
        self._filled: Final[dict[int, frozenset[str]]] = {}
        self._made: Final[dict[tuple[int, frozenset[str], tuple[int, ...]], str]] = {}
        self._definitions: Final[dict[str, Any]] = {}
        self._depth = 0
        self.moved: Final[dict[str, str]] = {}

    def changed(self) -> dict[str, Any]:
        root: dict[str, Any] = self._at(self._sent.root(), self._reader)
        if self._definitions:
            # Definitions of its own: the same one may be read beside several of the writer's.
            own: dict[str, Any] = root.get(_DEFINITIONS, {})
            root = {**root, _DEFINITIONS: {**own, **self._definitions}}
        return root

    def _at(self, writer: Parts, reader: object, filled: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401  a schema
        """The reader's schema of one place, changed for what the writer sends there.

        :param filled: members that have a default by another schema of the same place.
        """
        if not is_object(reader) or not writer or self._depth >= _DEEPEST:
            return reader
        self._budget.spend(len(reader) + len(writer))
        self._depth += 1
        try:
            return self._changed(writer, reader, filled)
        finally:
            self._depth -= 1

    def _changed(
        self, writer: Parts, reader: dict[str, Any], filled: frozenset[str]
    ) -> dict[str, Any]:
        changed = dict(reader)
        filled |= self._defaults(reader)
        if isinstance(reader.get("$ref"), str):
            changed["$ref"] = self._reference(writer, reader, filled)
        if is_array(reader.get("allOf")):
            changed["allOf"] = [self._at(writer, part, filled) for part in reader["allOf"]]
        required = reader.get("required")
        if is_array(required):
            changed["required"] = [name for name in required if name not in filled]
            if not changed["required"]:
                del changed["required"]  # draft-04 knows no empty list
        self._items(writer, reader, changed)
        self._members(writer, reader, changed)
        return changed

    def _items(self, writer: Parts, reader: dict[str, Any], changed: dict[str, Any]) -> None:
        for keyword in ("prefixItems", "items"):
            if is_array(reader.get(keyword)):
                changed[keyword] = [
                    self._at(self._sent.item(writer, keyword, index), part)
                    for index, part in enumerate(reader[keyword])
                ]
        if is_object(reader.get("items")):
            first = len(reader.get("prefixItems", ())) if self._draft >= 2020 else 0
            changed["items"] = self._at(self._sent.items(writer, first), reader["items"])
        elif is_array(reader.get("items")) and "additionalItems" in reader:
            sent = self._sent.additional_items(writer, len(reader["items"]))
            changed["additionalItems"] = self._at(sent, reader["additionalItems"])

    def _members(self, writer: Parts, reader: dict[str, Any], changed: dict[str, Any]) -> None:
        declared: dict[str, Any] = reader.get("properties", {})
        if "additionalProperties" in reader:
            changed["additionalProperties"] = self._at(
                self._sent.others(writer, declared), reader["additionalProperties"]
            )
        if declared:
            is_open = self._sent.is_open(writer)
            changed["properties"] = {
                name: self._member(name, writer, schema, is_open=is_open)
                for name, schema in declared.items()
            }

    def _member(self, name: str, writer: Parts, reader: object, *, is_open: bool) -> object:
        sent = self._sent.member(writer, name)
        if sent is not None:
            return self._at(sent, reader)
        return {} if is_open else reader

    def _defaults(self, reader: dict[str, Any]) -> frozenset[str]:
        """The members that have a default in some schema that applies."""
        known = self._filled.get(id(reader))
        if known is None:
            known = self._filled[id(reader)] = frozenset(
                name
                for part in self._applying(reader)
                for name, schema in part.get("properties", {}).items()
                if any("default" in one for one in self._applying(schema))
            )
        return known

    def _applying(self, schema: object) -> Iterator[dict[str, Any]]:
        for one in applying(schema, self._led_to, beside_references=self._draft >= 2019):
            self._budget.spend()
            if is_object(one):
                yield one

    def _led_to(self, reference: str) -> object:
        place = self._places.of(reference) if self._places else None
        return None if place is None else place[1]

    def _reference(self, writer: Parts, reader: dict[str, Any], filled: frozenset[str]) -> str:
        """A definition of what the reference leads to, changed for this writer."""
        reference: str = reader["$ref"]
        place = self._places.of(reference) if self._places else None
        if place is None or not is_object(place[1]) or place[1] is reader:
            return reference
        where, target = place
        key = (id(target), filled, self._sent.key(writer))
        if key not in self._made:
            name = f"read-{len(self._made) + 1}"
            while name in self._reader.get(_DEFINITIONS, {}):
                name += "-"
            self._made[key] = name
            self.moved[f"/{_DEFINITIONS}/{name}"] = where
            made = self._at(writer, target, filled)
            if target is self._reader:
                made = {k: part for k, part in made.items() if k not in _OF_THE_ROOT}
            self._definitions[name] = self._unnamed(made)
        return f"#/{_DEFINITIONS}/{self._made[key]}"

    def _unnamed(self, schema: object) -> object:
        """A copy without anchors, which go on to mean what was copied."""
        if not self._has_anchors or not is_object(schema):
            return schema
        self._budget.spend(len(schema))
        copy = map_subschemas(schema, lambda part, _: self._unnamed(part))
        copy.pop("$anchor", None)
        return copy
