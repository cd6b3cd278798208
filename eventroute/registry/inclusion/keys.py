"""A text for a JSON value, the same for values that JSON Schema calls equal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.registry.inclusion.formula import Kind

__all__ = ["key_of", "kind_of"]


def key_of(value: object, spend: Callable[[], None] | None = None) -> str:
    """Write ``1`` and ``1.0`` alike, but not ``true``; members in the order of their names.

    :param spend: is called for every array and object, and may raise.
    """
    if spend is not None and isinstance(value, (dict, list)):
        spend()
    if is_object(value):
        members = sorted(
            f"{json.dumps(name)}:{key_of(member, spend)}" for name, member in value.items()
        )
        return "{" + ",".join(members) + "}"
    if is_array(value):
        return "[" + ",".join(key_of(part, spend) for part in value) + "]"
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return hex(value)  # Python refuses to write a long number in decimal
    return json.dumps(value)


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
