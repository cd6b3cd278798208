"""A subscription is ordered by something else now: what waits in its queue must be, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute_sqlite.schema import State

if TYPE_CHECKING:
    import sqlite3

    from eventroute.topology import Subscription

__all__ = ["rekey"]

BACKLOG: Final = """
    SELECT m.id, m.state, m.place, m.due, e.body
    FROM eventroute_message AS m JOIN eventroute_event AS e ON e.id = m.event
    WHERE m.queue = (SELECT id FROM eventroute_queue WHERE name = ?)
    ORDER BY m.published, m.id
"""
REKEY: Final = "UPDATE eventroute_message SET key = ?, state = ?, place = ?, due = ? WHERE id = ?"


def rekey(connection: sqlite3.Connection, subscription: Subscription) -> None:
    """Write the keys anew, and order what waits as it was published.

    Of the messages of a key that are leased, the first one stays so; the others wait for it.
    """
    found = [
        (number, State(state), place, due, subscription.ordering_key_of(body))
        for number, state, place, due, body in connection.execute(BACKLOG, (subscription.name,))
    ]
    first: dict[str, int] = {}
    for number, state, _, _, key in found:
        if key is not None and state == State.LEASED:
            first.setdefault(key, number)
    for number, state, _, _, key in found:
        if key is not None and state != State.SCHEDULED:
            first.setdefault(key, number)
    changes: list[tuple[str | None, int, int, float | None, int]] = []
    for rank, (number, state, place, due, key) in enumerate(found):
        if state == State.SCHEDULED:
            changes.append((key, state, place, due, number))
        elif key is not None and first[key] != number:
            changes.append((key, State.BLOCKED, rank, None, number))
        elif state in (State.READY, State.BLOCKED):
            changes.append((key, State.READY, rank, None, number))
        else:
            changes.append((key, state, place, due, number))
    connection.executemany(REKEY, changes)
