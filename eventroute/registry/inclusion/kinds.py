"""The kinds of JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.registry.json_kinds import is_array

if TYPE_CHECKING:
    from eventroute.registry.inclusion.formula import Kind

__all__ = ["kind_of"]


def kind_of(value: object) -> Kind:
    """Name the kind of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if is_array(value) else "object"
