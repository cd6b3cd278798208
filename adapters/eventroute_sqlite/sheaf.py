"""Events that need no look at what their queues hold: stored together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute_sqlite.messages import write_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Outgoing
    from eventroute_sqlite.routes import Route
    from eventroute_sqlite.transaction import Transaction

__all__ = ["Sheaf"]

LAST_EVENT: Final = "SELECT coalesce(max(id), 0) FROM eventroute_event"
LAST_PLACE: Final = (
    "SELECT coalesce(max(place), 0) FROM eventroute_message WHERE queue = ? AND state = 3"
)
STORE: Final = "INSERT INTO eventroute_event (id, body, headers) VALUES (?, ?, ?)"
PUT: Final = (
    "INSERT INTO eventroute_message (queue, event, state, place, published) VALUES (?, ?, 3, ?, ?)"
)


class Sheaf:
    """Rows that are written with one call a table, in place of one an event.

    Takes events without delay and without ordering keys, where no archive is kept.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._simple = not transaction.routes.retention
        self._event: int | None = None
        self._places: dict[int, int] = {}
        self._events: list[tuple[int, bytes, str | None]] = []
        self._messages: list[tuple[int, int, int, float]] = []

    def take(self, outgoing: Outgoing, matches: Sequence[tuple[Route, str | None]]) -> bool:
        """Say whether an event is taken. Nothing is written before :meth:`store`."""
        if not self._simple or outgoing.delay > 0:
            return False
        for _, key in matches:
            if key is not None:
                return False
        if not matches:
            return True
        event = self._next_event()
        self._events.append((event, outgoing.event.to_json(), write_headers(outgoing.headers)))
        now, places = self._transaction.now, self._places
        for route, _ in matches:
            queue = route.queue
            place = (places[queue] if queue in places else self._last_place(queue)) + 1
            places[queue] = place
            self._messages.append((queue, event, place, now))
        return True

    def store(self) -> None:
        """Write what was taken."""
        if self._events:
            connection = self._transaction.connection
            connection.executemany(STORE, self._events)
            connection.executemany(PUT, self._messages)
            self._events.clear()
            self._messages.clear()
        self._event = None  # others write from here on
        self._places.clear()

    def _next_event(self) -> int:
        last = self._event
        if last is None:
            (last,) = self._transaction.connection.execute(LAST_EVENT).fetchone()
        number = self._event = int(last) + 1
        return number

    def _last_place(self, queue: int) -> int:
        (place,) = self._transaction.connection.execute(LAST_PLACE, (queue,)).fetchone()
        return int(place)
