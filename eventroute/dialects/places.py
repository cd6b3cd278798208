"""Where the references of a schema lead, within the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from eventroute.dialects.keywords import subschemas
from eventroute.jsontext import pointer, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["LocalPlaces", "ids_in", "is_base"]


def ids_in(parts: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """What some schemas are called by ``$id``, or by the ``id`` of draft-04."""
    for part in parts:
        for own in (part.get("$id"), part.get("id")):
            if isinstance(own, str):
                yield own


def is_base(own: object) -> bool:
    """Whether references mean other places below a schema of this ``$id``.

    Up to draft-07 ``#name`` is an anchor, and no base.
    """
    return isinstance(own, str) and not own.startswith("#")


class LocalPlaces:
    """The places of one document, which is one resource: no schema in it has a URI of its own.

    :param root: of any draft.
    """

    def __init__(self, root: Mapping[str, object]) -> None:
        self._root: Final = root
        self._anchors: dict[str, str] | None = None

    def of(self, reference: str) -> tuple[str, object] | None:
        """The JSON pointer of the place that a ``$ref`` leads to, and the schema there.

        ``None`` where it leads out of the document, to no schema, or nowhere.
        """
        return self.at(unquote(reference[1:])) if reference.startswith("#") else None

    def at(self, fragment: str) -> tuple[str, object] | None:
        """As :meth:`of`, for a fragment that is not percent-encoded: a pointer or an anchor."""
        place: str | None = fragment
        if fragment and not fragment.startswith("/"):
            place = self._named.get(fragment)
        if place is None:
            return None
        try:
            found = value_at(self._root, place)
        except LookupError:
            return None
        return (place, found) if isinstance(found, dict | bool) else None

    @property
    def _named(self) -> dict[str, str]:
        """The place of each anchor."""
        if self._anchors is None:
            self._anchors = {}
            pending: list[tuple[str, object]] = [("", self._root)]
            while pending:
                place, schema = pending.pop()
                if not isinstance(schema, dict):
                    continue
                anchor = schema.get("$anchor")
                if isinstance(anchor, str):
                    self._anchors[anchor] = place
                # Up to draft-07, "#name" is an anchor.
                for own in (schema.get("id"), schema.get("$id")):
                    if isinstance(own, str) and own.startswith("#"):
                        self._anchors[own[1:]] = place
                pending.extend((place + pointer(*way), one) for way, one in subschemas(schema))
        return self._anchors
