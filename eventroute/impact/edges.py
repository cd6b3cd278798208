"""Values at the edges of what a contract allows, which readers may not expect."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from eventroute.dialects.places import LocalPlaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["edges"]

_DEEPEST: Final = 8
_MOST_STEPS: Final = 5_000
_MOST_EACH: Final = 50
_LONGEST: Final = 1_000
_NUMBERS: Final = {
    "minimum": 0,
    "exclusiveMinimum": 1,
    "maximum": 0,
    "exclusiveMaximum": -1,
}


def edges(schema: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Bounds, shortest and longest texts and each value of an ``enum``, with their place.

    They are what the keywords say one by one; whether they fit is for the caller to check.
    """
    places = LocalPlaces(schema)
    # From the top down, as a schema that refers to itself has no end.
    pending: deque[tuple[tuple[str, ...], object]] = deque([((), schema)])
    seen: set[tuple[tuple[str, ...], int]] = set()
    for _ in range(_MOST_STEPS):
        if not pending:
            return
        path, here = pending.popleft()
        if not isinstance(here, dict) or (path, id(here)) in seen:
            continue
        seen.add((path, id(here)))
        if path:
            yield from ((path, value) for value in _values(here))
        reference = here.get("$ref")
        led = places.of(reference) if isinstance(reference, str) else None
        if led is not None:
            pending.append((path, led[1]))
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = here.get(keyword)
            pending += [(path, one) for one in branches] if isinstance(branches, list) else []
        members = here.get("properties")
        if isinstance(members, dict) and len(path) < _DEEPEST:
            pending += [((*path, name), one) for name, one in members.items()]


def _values(schema: Mapping[str, object]) -> Iterator[object]:
    listed = schema.get("enum")
    if isinstance(listed, list):
        yield from listed[:_MOST_EACH]
    for keyword in ("minLength", "maxLength"):
        length = schema.get(keyword)
        if isinstance(length, int) and length <= _LONGEST:
            yield "x" * length
    for keyword, step in _NUMBERS.items():
        bound = schema.get(keyword)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound + step
