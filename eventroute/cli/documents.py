"""From the text of one event to what a pattern sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from eventroute.errors import EventError
from eventroute.jsontext import MAX_BYTES, parse

__all__ = ["Document", "read_document"]


@dataclass(frozen=True, slots=True)
class Document:
    """One event.

    :ivar value: the envelope as JSON values.
    :ivar id: its id, where it has one.
    """

    value: dict[str, Any]
    id: str | None

    @property
    def label(self) -> str:
        """What people may recognise it by: the id, else the event type, else ``-``."""
        kind = self.value.get("detail-type")
        return self.id or (kind if isinstance(kind, str) else "") or "-"


def read_document(text: str | bytes | None) -> Document:
    """Read an envelope, or a bare detail, which becomes ``{"detail": …}``.

    An object is an envelope when its ``source`` and ``detail-type`` are strings and its
    ``detail`` is an object. Every other object is a bare detail.

    :param text: bytes are UTF-8; ``None`` stands for a text that was too long to be held.
    :raises JSONTextError: it is not JSON that eventroute accepts.
    :raises EventError: it is JSON, but no object, or it is too long.
    """
    if text is None:
        raise EventError(f"the line is longer than the {MAX_BYTES:,} bytes an event may have")
    value = parse(text)
    if not isinstance(value, dict):
        raise EventError(f"an event is a JSON object; this is {_kind(value)}")
    members = cast("dict[str, Any]", value)
    if not _is_envelope(members):
        return Document({"detail": members}, id=None)
    name = members.get("id")
    return Document(members, id=name if isinstance(name, str) else None)


def _is_envelope(members: dict[str, Any]) -> bool:
    return (
        isinstance(members.get("source"), str)
        and isinstance(members.get("detail-type"), str)
        and isinstance(members.get("detail"), dict)
    )


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a number"
