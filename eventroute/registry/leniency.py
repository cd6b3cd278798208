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

from eventroute.jsontext import segments
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from eventroute.registry.inclusion import Document

__all__ = ["lenient"]

_DEFINITIONS: Final = "$defs"
# Not every place of a subschema: only those where both surely describe the same value.
_FOLLOWED: Final = ("items", "additionalProperties", "additionalItems")
_FOLLOWED_LISTS: Final = ("allOf", "prefixItems", "items")
_MOST_REFERENCES: Final = 50
_DEEPEST: Final = 60
# They may declare a member, too.
_BRANCHING: Final = frozenset({"anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies"})
_OF_THE_ROOT: Final = frozenset({"$schema", "$id", "id", "$defs", "definitions"})


def lenient(writer: Document, reader: Document) -> Document:
    """Return the reader as the profile ``registry`` reads it, for events of this writer."""
    leniency = _Leniency(writer.schema, reader.schema)
    changed = leniency.changed()
    return replace(reader, schema=changed, moved=leniency.moved)


class _Leniency:
    def __init__(self, writer: dict[str, Any], reader: dict[str, Any]) -> None:
        self._writer: Final = writer
        self._reader: Final = reader
        self._made: Final[dict[tuple[int, int], str]] = {}
        self._definitions: Final[dict[str, Any]] = {}
        self._plain: Final = not _has_inner_ids(writer) and not _has_inner_ids(reader)
        self._depth = 0
        self.moved: Final[dict[str, str]] = {}

    def changed(self) -> dict[str, Any]:
        root: dict[str, Any] = self._at(self._writer, self._reader)
        if self._definitions:
            # Definitions of its own: the same one may be read beside several of the writer's.
            own: dict[str, Any] = root.get(_DEFINITIONS, {})
            root = {**root, _DEFINITIONS: {**own, **self._definitions}}
        return root

    def _at(self, writer: object, reader: object) -> Any:  # noqa: ANN401  a schema
        """The reader's schema of one place, changed for what the writer sends there."""
        writer = _target(self._writer, writer) if self._plain else writer
        if not is_object(reader) or not is_object(writer) or self._depth >= _DEEPEST:
            return reader
        self._depth += 1
        try:
            return self._changed(writer, reader)
        finally:
            self._depth -= 1

    def _changed(self, writer: dict[str, Any], reader: dict[str, Any]) -> dict[str, Any]:
        changed = dict(reader)
        if self._plain and isinstance(reader.get("$ref"), str):
            changed["$ref"] = self._reference(writer, reader)
        for keyword in _FOLLOWED:
            if keyword in reader and keyword in writer:
                changed[keyword] = self._at(writer[keyword], reader[keyword])
        for keyword in _FOLLOWED_LISTS:
            ours, theirs = reader.get(keyword), writer.get(keyword)
            if is_array(ours) and keyword == "allOf":
                changed[keyword] = [self._at(writer, part) for part in ours]
            elif is_array(ours) and is_array(theirs):
                paired = [self._at(w, r) for w, r in zip(theirs, ours, strict=False)]
                changed[keyword] = [*paired, *ours[len(paired) :]]
        self._members(writer, reader, changed)
        return changed

    def _members(
        self, writer: dict[str, Any], reader: dict[str, Any], changed: dict[str, Any]
    ) -> None:
        declared: dict[str, Any] = reader.get("properties", {})
        sent = _properties(self._writer, writer)
        if declared:
            is_open = _is_open(self._writer, writer)
            changed["properties"] = {
                name: self._at(sent[name], schema) if name in sent else ({} if is_open else schema)
                for name, schema in declared.items()
            }
        required = reader.get("required")
        if is_array(required):
            still = [name for name in required if not self._has_default(declared.get(name))]
            changed["required"] = still
            if not still:
                del changed["required"]  # draft-04 knows no empty list

    def _has_default(self, schema: object) -> bool:
        return (is_object(schema) and "default" in schema) or (
            is_object(found := _target(self._reader, schema)) and "default" in found
        )

    def _reference(self, writer: dict[str, Any], reader: dict[str, Any]) -> str:
        """A definition of what the reference leads to, changed for this writer."""
        reference: str = reader["$ref"]
        target = _target(self._reader, reader)
        if not is_object(target) or target is reader:
            return reference
        key = (id(writer), id(target))
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
    pending: list[object] = list(root.values())
    while pending:
        part = pending.pop()
        if is_object(part):
            if any(isinstance(part.get(name), str) for name in ("$id", "id")):
                return True
            pending.extend(part.values())
        elif is_array(part):
            pending.extend(part)
    return False


def _target(root: dict[str, Any], schema: object) -> object:
    """What a schema refers to within the document, or the schema itself."""
    for _ in range(_MOST_REFERENCES):
        reference = schema.get("$ref") if is_object(schema) else None
        if reference != "#" and not (isinstance(reference, str) and reference.startswith("#/")):
            return schema
        node: Any = root
        for step in segments(reference):
            if is_object(node):
                node = node.get(step)
            elif is_array(node) and step.isdigit() and int(step) < len(node):
                node = node[int(step)]
            else:
                return schema
        schema = node
    return schema


def _properties(root: dict[str, Any], writer: dict[str, Any]) -> dict[str, Any]:
    """What the writer declares, in the schema or in those that it is made of."""
    found: dict[str, Any] = {}
    for part in _parts(root, writer):
        found = {**part.get("properties", {}), **found}
    return found


def _is_open(root: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Whether what the writer does not declare may be anything."""
    return all(
        part.get("additionalProperties", True) in (True, {})
        and part.get("unevaluatedProperties", True) in (True, {})
        and not part.get("patternProperties")
        and _BRANCHING.isdisjoint(part)
        for part in _parts(root, writer)
    )


def _parts(root: dict[str, Any], writer: dict[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    pending: list[object] = [writer]
    seen: set[int] = set()
    while pending:
        part = _target(root, pending.pop())
        if is_object(part) and id(part) not in seen:
            seen.add(id(part))
            parts.append(part)
            pending.extend(part.get("allOf", ()))
    return parts
