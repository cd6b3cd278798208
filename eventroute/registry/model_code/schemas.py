"""A contract as the code generator is to see it."""

from __future__ import annotations

from typing import Final

from eventroute.registry.json_kinds import is_array, is_object

__all__ = ["FORMAT", "prepared"]

FORMAT: Final = "x-format"
"""Where a format goes that changes no type: into the field's own description."""
_TYPED: Final = frozenset({"date", "date-time", "ipv4", "ipv6", "uuid"})
_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})


def prepared(schema: object, name: str | None = None) -> object:
    """Let only those formats make a type that reads every such text and writes it unchanged.

    Pydantic's types for others refuse or change texts that a contract accepts: its URL gets a
    slash, and its secret becomes asterisks. Titles that pydantic gives by itself are left out.

    :param name: of the member that the schema is of, where it is of one.
    """
    if is_array(schema):
        return [prepared(one) for one in schema]
    if not is_object(schema):
        return schema
    found: dict[str, object] = {}
    for keyword, value in schema.items():
        if keyword == "format" and isinstance(value, str):
            found["format" if value in _TYPED and _has_texts(schema) else FORMAT] = value
        elif keyword == "properties" and is_object(value):
            found[keyword] = {member: prepared(one, member) for member, one in value.items()}
        elif keyword in _DATA:
            found[keyword] = value
        elif keyword != "title" or name is None or value != _own_title(name):
            found[keyword] = prepared(value)
    return found


def _has_texts(schema: dict[str, object]) -> bool:
    types = schema.get("type", "string")
    return types == "string" or (is_array(types) and "string" in types)


def _own_title(name: str) -> str:
    return name.title().replace("_", " ").strip()
