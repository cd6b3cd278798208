"""When JSON Schema calls two values equal."""

from __future__ import annotations

from eventroute.registry.json_kinds import is_array, is_object

__all__ = ["canonical"]


def canonical(value: object) -> str:
    """Write values that JSON Schema calls equal as the same text: 1 and 1.0, but not true.

    A text, because the hashes of numbers are known, and a sender could choose numbers that collide.
    """
    if is_object(value):
        members = sorted(f"{name!r}:{canonical(member)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if is_array(value):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # Python refuses to write a long number in decimal
    return repr(value)
