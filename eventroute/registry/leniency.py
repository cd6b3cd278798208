"""What registries of Kafka's field accept beyond the truth, as a change of the reader's schema.

Two rules, for each place where writer and reader describe the same object:

- A property with a ``default`` is not required: the reader is taken to fill it in.
- A property that only the reader declares may hold anything, where the writer leaves undeclared
  members open (no ``additionalProperties``, no ``patternProperties``, no alternatives) and does not
  describe the object in another way, too: the writer is taken not to send what it does not declare.

Places are found through ``properties``, ``items``, ``additionalProperties``, ``allOf`` and
``$ref``, never under ``not`` or ``if``, so the changed schema accepts all that the reader's does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eventroute.jsontext import value_at
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.sent import Sent, places_of

if TYPE_CHECKING:
    from eventroute.registry.inclusion import Budget, Document
    from eventroute.registry.sent import Parts

__all__ = ["lenient"]

_DEFINITIONS: Final = "$defs"
_MOST_REFERENCES: Final = 50
_DEEPEST: Final = 60
_OF_THE_ROOT: Final = frozenset({"$schema", "$id", "id", "$defs", "definitions"})


def lenient(writer: Document, reader: Document, budget: Budget) -> Document:
    """Return the reader as the profile ``registry`` reads it, for events of this writer.

    :raises OutOfBudgetError: there are more combinations of parts than the budget allows for.
    """
    leniency = _Leniency(writer, reader, budget)
    changed = leniency.changed()
    return replace(reader, schema=changed, moved=leniency.moved)


class _Leniency:
    def __init__(self, writer: Document, reader: Document, budget: Budget) -> None:
        self._budget: Final = budget
        self._sent: Final = Sent(writer, budget)
        self._reader: Final = reader.schema
        self._draft: Final = reader.draft
        self._plain: Final = places_of(reader.schema) is not None
        self._made: Final[dict[tuple[int, ...], str]] = {}
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

    def _at(self, writer: Parts, reader: object) -> Any:  # noqa: ANN401  a schema
        """The reader's schema of one place, changed for what the writer sends there."""
        if not is_object(reader) or not writer or self._depth >= _DEEPEST:
            return reader
        self._budget.spend(len(reader) + len(writer))
        self._depth += 1
        try:
            return self._changed(writer, reader)
        finally:
            self._depth -= 1

    def _changed(self, writer: Parts, reader: dict[str, Any]) -> dict[str, Any]:
        changed = dict(reader)
        if self._plain and isinstance(reader.get("$ref"), str):
            changed["$ref"] = self._reference(writer, reader)
        if is_array(reader.get("allOf")):
            changed["allOf"] = [self._at(writer, part) for part in reader["allOf"]]
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
        required = reader.get("required")
        if is_array(required):
            still = [name for name in required if not self._has_default(declared.get(name))]
            changed["required"] = still
            if not still:
                del changed["required"]  # draft-04 knows no empty list

    def _member(self, name: str, writer: Parts, reader: object, *, is_open: bool) -> object:
        sent = self._sent.member(writer, name)
        if sent is not None:
            return self._at(sent, reader)
        return {} if is_open else reader

    def _has_default(self, schema: object) -> bool:
        return (is_object(schema) and "default" in schema) or (
            is_object(found := _target(self._reader, schema)) and "default" in found
        )

    def _reference(self, writer: Parts, reader: dict[str, Any]) -> str:
        """A definition of what the reference leads to, changed for this writer."""
        reference: str = reader["$ref"]
        target = _target(self._reader, reader)
        if not is_object(target) or target is reader:
            return reference
        key = (id(target), *self._sent.key(writer))
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
