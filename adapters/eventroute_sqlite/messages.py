"""Rows of one queue: how a message enters, moves and leaves it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from eventroute.port import NO_HEADERS, REPLAYED
from eventroute_sqlite.rows import rows
from eventroute_sqlite.schema import State

if TYPE_CHECKING:
    import sqlite3

    from eventroute.port import Headers
    from eventroute_sqlite.transaction import Transaction

__all__ = [
    "count",
    "delete_event_if_unused",
    "make_ready",
    "move_due",
    "next_change",
    "put",
    "read_headers",
    "ready_next_of",
    "write_headers",
]

_BITE: Final = 200
"""Most messages that one call moves because their time has come; the next call goes on."""

_LAST_PLACE: Final = (
    "(SELECT coalesce(max(place), 0) + 1 FROM eventroute_message AS other "
    "WHERE other.queue = {queue} AND other.state = {state})"
)
_PUT: Final = {
    state: (
        "INSERT INTO eventroute_message (queue, event, state, place, due, key, published, replayed)"
        f" VALUES (?, ?, {state:d}, {_LAST_PLACE.format(queue='?', state=int(state))}, "
        "?, ?, ?, ?)"
    )
    for state in (State.SCHEDULED, State.READY, State.BLOCKED)
}
MOVE: Final = {
    state: (
        f"UPDATE eventroute_message SET state = {state:d}, due = NULL, place = "
        f"{_LAST_PLACE.format(queue='eventroute_message.queue', state=int(state))} WHERE id = ?"
    )
    for state in (State.READY, State.BLOCKED)
}
IS_KEY_TAKEN: Final = (
    "SELECT EXISTS (SELECT 1 FROM eventroute_message WHERE queue = ? AND key = ? AND state > 0)"
)
NEXT_OF_KEY: Final = (
    "SELECT id FROM eventroute_message WHERE queue = ? AND key = ? AND state = 4 "
    "AND due IS NULL ORDER BY place LIMIT 1"
)
DUE_OF_KEY: Final = (
    "SELECT id FROM eventroute_message WHERE queue = ? AND key = ? AND state = 0 "
    "AND due <= ? ORDER BY due, place"
)
DUE: Final = " UNION ALL ".join(
    "SELECT * FROM (SELECT id, state, key FROM eventroute_message WHERE queue = :queue "
    f"AND state = {state:d} AND due <= :now ORDER BY due, place LIMIT {_BITE})"
    for state in (State.SCHEDULED, State.DELAYED, State.LEASED)
)
NEXT_CHANGE: Final = (
    "SELECT min(due) FROM ("
    + " UNION ALL ".join(
        "SELECT min(due) AS due FROM eventroute_message "
        f"WHERE queue = :queue AND state = {state:d} AND due IS NOT NULL"
        for state in (State.SCHEDULED, State.DELAYED, State.LEASED)
    )
    + ")"
)
FORGET: Final = (
    "DELETE FROM eventroute_event AS e WHERE id = ? "
    "AND NOT EXISTS (SELECT 1 FROM eventroute_message WHERE event = e.id) "
    "AND NOT EXISTS (SELECT 1 FROM eventroute_dead WHERE event = e.id) "
    "AND NOT EXISTS (SELECT 1 FROM eventroute_archive WHERE event = e.id)"
)
COUNT: Final = "SELECT count FROM eventroute_tally WHERE queue = ? ORDER BY state"


def put(
    connection: sqlite3.Connection,
    queue: int,
    event: int,
    key: str | None,
    moment: float,
    *,
    now: float,
    replayed: str | None = None,
) -> None:
    """Append an event to a queue, or let it take its place at a later moment."""
    if moment > now:
        state, due = State.SCHEDULED, moment
    else:
        if key is not None:
            # Their time came before this event did; nobody has looked since.
            for (number,) in rows(connection, DUE_OF_KEY, queue, key, now):
                _enter(connection, number, queue, key)
        state = State.BLOCKED if _is_taken(connection, queue, key) else State.READY
        due = None
    connection.execute(_PUT[state], (queue, event, queue, due, key, moment, replayed))


def _enter(connection: sqlite3.Connection, number: int, queue: int, key: str | None) -> None:
    """Let a message that was scheduled take its place."""
    state = State.BLOCKED if _is_taken(connection, queue, key) else State.READY
    connection.execute(MOVE[state], (number,))


def _is_taken(connection: sqlite3.Connection, queue: int, key: str | None) -> bool:
    return key is not None and bool(rows(connection, IS_KEY_TAKEN, queue, key)[0][0])


def move_due(transaction: Transaction, queue: int) -> None:
    """Let what was to wait until now wait no longer."""
    connection = transaction.connection
    due = connection.execute(DUE, {"queue": queue, "now": transaction.now})
    for number, state, key in due.fetchall():
        if state == State.SCHEDULED:
            _enter(connection, number, queue, key)
        else:
            make_ready(connection, number)


def make_ready(connection: sqlite3.Connection, number: int) -> None:
    """Put a message behind all that are ready."""
    connection.execute(MOVE[State.READY], (number,))


def ready_next_of(connection: sqlite3.Connection, queue: int, key: str) -> bool:
    """The first message of a key has left the queue; say whether another became ready."""
    row = connection.execute(NEXT_OF_KEY, (queue, key)).fetchone()
    if row is not None:
        make_ready(connection, row[0])
    return row is not None


def next_change(connection: sqlite3.Connection, queue: int) -> float | None:
    """When time alone will make a message ready."""
    due: float | None = connection.execute(NEXT_CHANGE, {"queue": queue}).fetchone()[0]
    return due


def delete_event_if_unused(connection: sqlite3.Connection, event: int) -> None:
    """Delete a body that no queue, no dead letter and no archive needs any more."""
    connection.execute(FORGET, (event,))


def count(connection: sqlite3.Connection, queue: int) -> list[int]:
    """How many there are in each `State`."""
    return [row[0] for row in rows(connection, COUNT, queue)] or [0] * len(State)


def write_headers(headers: Headers) -> str | None:
    """Headers as the column holds them."""
    return json.dumps(dict(headers)) if headers else None


def read_headers(text: str | None, replayed: str | None) -> Headers:
    """Headers as a delivery carries them."""
    headers: Headers = json.loads(text) if text else NO_HEADERS
    return headers if replayed is None else {**headers, REPLAYED: replayed}
