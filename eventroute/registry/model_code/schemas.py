"""A contract as the code generator is to see it."""

from __future__ import annotations

from typing import Final

from eventroute.registry.json_kinds import is_array, is_object

__all__ = ["FORMAT", "prepared"]

FORMAT: Final = "x-format"
"""Where a format goes that changes no type: into the field's own description."""
_TYPED: Final = frozenset({"date", "date-time", "ipv4", "ipv6", "uuid"})
_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})


def prepared(schema: object) -> object:
    """Let only those formats make a type that reads every such text and writes it unchanged.

    Pydantic's types for others refuse or change texts that a contract accepts: its URL gets a
    slash, and its secret becomes asterisks.
    """
    if is_array(schema):
        return [prepared(one) for one in schema]
    if not is_object(schema):
        return schema
    found: dict[str, object] = {}
    for name, value in schema.items():
        if name == "format" and isinstance(value, str):
            texts = schema.get("type", "string") == "string" or "string" in schema["type"]
            found["format" if texts and value in _TYPED else FORMAT] = value
        else:
            found[name] = value if name in _DATA else prepared(value)
    return found
