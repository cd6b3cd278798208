"""Where a reference of a schema leads, within the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from eventroute.dialects.keywords import subschemas
from eventroute.jsontext import pointer, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["place_of"]


def place_of(reference: str, root: Mapping[str, object]) -> tuple[str, object] | None:
    """The way to the place, as the segments of a JSON pointer, and the schema there.

    ``None`` where it leads out of the document, or nowhere.
    """
    if not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        return _anchored(fragment, root)
    try:
        found = value_at(root, fragment)
    except LookupError:
        return None
    return (fragment, found) if isinstance(found, dict | bool) else None


def _anchored(name: str, root: Mapping[str, object]) -> tuple[str, object] | None:
    pending: list[tuple[str, object]] = [("", root)]
    while pending:
        place, schema = pending.pop()
        if not isinstance(schema, dict):
            continue
        if schema.get("$anchor") == name or schema.get("$id") == f"#{name}":
            return place, schema
        for way, inner in subschemas(schema):
            pending.append((place + pointer(*way), inner))
    return None
