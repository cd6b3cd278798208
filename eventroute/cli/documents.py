"""From the text of one event to what a pattern sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from eventroute.errors import EventError
from eventroute.jsontext import MAX_BYTES, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "read_document"]

_ENVELOPE: Final[dict[str, type]] = {"source": str, "detail-type": str, "detail": dict}
_PLAIN: Final = frozenset({"source", "detailtype", "detail"})


@dataclass(frozen=True, slots=True)
class Document:
    """One event.

    :ivar value: the envelope as JSON values.
    :ivar id: its id, where it has one.
    :ivar bare: whether its text was a bare detail.
    """

    value: dict[str, Any]
    id: str | None
    bare: bool = False

    @property
    def label(self) -> str:
        """What people may recognise it by: the id, else the event type, else ``-``."""
        kind = self.value.get("detail-type")
        return self.id or (kind if isinstance(kind, str) else "") or "-"

    @property
    def note(self) -> str | None:
        """That it was read as a bare detail, and why."""
        if not self.bare:
            return None
        return f"read as a bare detail, since {', '.join(_lacking(self.value['detail']))}"

    @property
    def meant_as_envelope(self) -> bool:
        """Whether a bare detail has some member of an envelope, or one with a similar name."""
        return self.bare and _resembles_envelope(self.value["detail"])


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
        return Document({"detail": members}, id=None, bare=True)
    name = members.get("id")
    return Document(members, id=name if isinstance(name, str) else None)


def _is_envelope(members: dict[str, Any]) -> bool:
    return all(isinstance(members.get(name), kind) for name, kind in _ENVELOPE.items())


def _resembles_envelope(members: dict[str, Any]) -> bool:
    return any(_plain(name) in _PLAIN for name in members)


def _lacking(members: dict[str, Any]) -> Iterator[str]:
    """What keeps an object from being an envelope."""
    if not _resembles_envelope(members):
        yield "it has neither 'source' nor 'detail-type' nor 'detail'"
        return
    for name, kind in _ENVELOPE.items():
        if name not in members:
            near = next((key for key in members if _plain(key) == _plain(name)), None)
            yield f"it has no {name!r}{f' ({near!r} is another name)' if near else ''}"
        elif not isinstance(members[name], kind):
            wanted = "a string" if kind is str else "an object"
            yield f"its {name!r} is {_kind(members[name])}, not {wanted}"


def _plain(name: str) -> str:
    """What spellings of a name such as ``detail_type`` and ``DetailType`` have in common."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    return "a string" if isinstance(value, str) else "a number"
