"""When JSON Schema calls two values equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["canonical"]


def canonical(value: object, spend: Callable[[], None] | None = None) -> str:
    """Write values that JSON Schema calls equal as the same text: 1 and 1.0, but not true.

    A text, because the hashes of numbers are known, and a sender could choose numbers that collide.

    :param spend: is called for every array and object, and may raise.
    """
    if spend is not None and isinstance(value, dict | list):
        spend()
    if is_object(value):
        members = sorted(f"{name!r}:{canonical(member, spend)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if is_array(value):
        return "[" + ",".join([canonical(part, spend) for part in value]) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # Python refuses to write a long number in decimal
    return repr(value)
