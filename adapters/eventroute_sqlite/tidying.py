"""Deletes in small bites what nobody needs any more, so that no call waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute_sqlite.messages import delete_event_if_unused

if TYPE_CHECKING:
    import sqlite3

    from eventroute_sqlite.transaction import Transaction

__all__ = ["is_untidy", "tidy"]

EXPIRED: Final = (
    "SELECT event FROM eventroute_archive WHERE stored <= ? - "
    "(SELECT retention FROM eventroute_file) ORDER BY stored LIMIT ?"
)
DROPPED: Final = "SELECT id FROM eventroute_queue WHERE name IS NULL LIMIT 1"
_TABLES: Final = ("eventroute_message", "eventroute_dead")
REMOVE: Final = {
    table: (
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE queue = ? LIMIT ?) "
        "RETURNING event"
    )
    for table in _TABLES
}


def is_untidy(connection: sqlite3.Connection, now: float) -> bool:
    """Say, without a transaction, whether there is something to delete."""
    return bool(
        connection.execute(EXPIRED, (now, 1)).fetchone() or connection.execute(DROPPED).fetchone()
    )


def tidy(transaction: Transaction, limit: int) -> None:
    """Delete up to about ``limit`` rows: archived events past retention, then dropped queues."""
    connection = transaction.connection
    for (event,) in connection.execute(EXPIRED, (transaction.now, limit)).fetchall():
        connection.execute("DELETE FROM eventroute_archive WHERE event = ?", (event,))
        delete_event_if_unused(connection, event)
        limit -= 1
    dropped = connection.execute(DROPPED).fetchone()
    if dropped is None or limit <= 0:
        return
    (queue,) = dropped
    for table in _TABLES:
        events = connection.execute(REMOVE[table], (queue, limit)).fetchall()
        for (event,) in events:
            delete_event_if_unused(connection, event)
        if len(events) == limit:
            return
    connection.execute("DELETE FROM eventroute_tally WHERE queue = ?", (queue,))
    connection.execute("DELETE FROM eventroute_queue WHERE id = ?", (queue,))
