"""JSON as patterns read it: bounded, finite, and with every occurrence of a repeated member."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.jsontext import MAX_BYTES, MAX_DEPTH, parse_with

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["JSON", "Members", "Scalar", "decode", "members", "shown"]

Scalar: TypeAlias = str | int | float | bool | None
"""A leaf of a JSON document."""


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object in which a name may occur more than once."""

    pairs: tuple[tuple[str, JSON], ...]


JSON: TypeAlias = "Scalar | list[JSON] | dict[str, JSON] | Members"
"""Any JSON value."""


def members(value: dict[str, JSON] | Members) -> Iterable[tuple[str, JSON]]:
    """Name and value of each member, in order, repeated ones included."""
    return value.pairs if isinstance(value, Members) else value.items()


def decode(
    text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> tuple[JSON, bool]:
    """Parse one JSON document; the second result tells whether a member name is repeated.

    :raises JSONTextError: not UTF-8, not JSON, too large, too deep, ``NaN``, a number that does
        not fit a double, or half of a surrogate pair.
    """
    repeated = False

    def make_object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON] | Members:
        nonlocal repeated
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        repeated = True
        return Members(tuple(pairs))

    value: JSON = parse_with(make_object, text, max_bytes=max_bytes, max_depth=max_depth)
    return value, repeated


def shown(value: object) -> str:
    """The value as JSON, shortened, for a message."""
    if isinstance(value, Members):
        value = dict(value.pairs)
    if isinstance(value, str):
        value = value[:_SHOWN]
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHOWN: Final = 80
