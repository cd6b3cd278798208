"""The last events that were published: a data structure, no I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from eventroute.errors import EventRouteError
from eventroute.port import ArchiveState

if TYPE_CHECKING:
    from eventroute.envelope import Event
    from eventroute.port import Headers, Outgoing, Replay

__all__ = ["Archived", "EventArchive"]


@dataclass(frozen=True, slots=True)
class Archived:
    """An event, and when it counts as published."""

    event: Event
    headers: Headers
    published: datetime


class EventArchive:
    """Forgets the oldest event when a new one finds it full.

    :param size: most events.
    """

    def __init__(self, size: int) -> None:
        self._events: deque[Archived] = deque(maxlen=size)

    def add(self, outgoing: Outgoing) -> None:
        """Keep an event that was accepted."""
        if not self._events.maxlen:
            return
        published = datetime.now(UTC) + timedelta(seconds=outgoing.delay)
        self._events.append(Archived(outgoing.event, outgoing.headers, published))

    def state(self) -> ArchiveState:
        """What it keeps."""
        return ArchiveState(
            "archive in memory",
            "enabled",
            len(self._events),
            sum(len(one.event.to_json()) for one in self._events),
            min((one.published for one in self._events), default=None),
            None,
            self._events.maxlen,
        )

    def select(self, replay: Replay) -> list[Archived]:
        """What a replay asks for, in the order of publication."""
        found = [
            one
            for one in self._events
            if replay.since <= one.published < replay.until and _matches(replay, one.event)
        ]
        return sorted(found, key=lambda one: one.published)


def _matches(replay: Replay, event: Event) -> bool:
    try:
        return replay.pattern is None or replay.pattern.matches(event)
    except EventRouteError:  # what cannot be read matches nothing
        return False
