"""``where=``: which events are meant, as an event pattern in any of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from eventroute.errors import DeclarationError
from eventroute.pattern import Pattern

__all__ = ["Where", "pattern_of"]

Where: TypeAlias = Pattern | Mapping[str, Any] | str


def pattern_of(where: Where | None) -> Pattern | None:
    """Read a pattern; ``None`` stays ``None``, which is every event.

    :raises PatternError: it is not valid.
    :raises DeclarationError: it is none.
    """
    if where is None or isinstance(where, Pattern):
        return where
    if not isinstance(where, str | Mapping):
        raise DeclarationError(f"where={where!r}: must be an event pattern")
    return Pattern(where)
