"""Names of events that are the same in every run, although ids are random."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from eventroute.envelope import Event
from eventroute.errors import EventRouteError

__all__ = ["Identities", "Identity"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an event is.

    :ivar name: from its content, and a number where several events have the same content.
    :ivar id: its id; ``None`` where it cannot be read.
    """

    name: str
    id: str | None


class Identities:
    """Names events by their content, in the order in which they are first seen."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}
        self._same: Counter[str] = Counter()

    def of(self, body: bytes) -> Identity:
        """The identity of an event: the same for the same id."""
        try:
            event = Event.from_trusted_json(body)
        except EventRouteError:
            return Identity(f"(undecodable) {_digest(body)}", None)
        known = self._known.get(event.id)
        if known is None:
            name = f"{event.detail_type} {_digest(event.source.encode(), event.detail_json)}"
            self._same[name] += 1
            known = Identity(f"{name}-{self._same[name]}", event.id)
            self._known[event.id] = known
        return known


_LENGTH: Final = 4


def _digest(*parts: bytes) -> str:
    made = blake2b(digest_size=_LENGTH)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()
