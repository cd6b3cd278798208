"""The tables in the file."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = ["APPLICATION_ID", "SCHEMA", "VERSION", "State"]

APPLICATION_ID: Final = 0x45767452
"""``EvtR`` in the header of a file that holds nothing but our tables."""

VERSION: Final = 1


class State(IntEnum):
    """Where a message is in its queue.

    The first three wait for the moment ``due``, and are looked at in this order.
    """

    SCHEDULED = 0
    """Published with a delay: takes its place in the queue when it is due."""

    DELAYED = 1
    """Released with a delay."""

    LEASED = 2
    """Somebody works on it until it is due."""

    READY = 3

    BLOCKED = 4
    """Behind another of the same key."""

    DEAD = 5
    """In the tally only: dead letters have a table of their own."""


# One row a body, however many queues share it; one small row for each queue that holds it.
# `place` orders the ready ones of a queue, and the blocked ones of a key. `token` names a lease.
# Counting is left to triggers: it is right whoever writes, and no call counts rows.
SCHEMA: Final = (
    """CREATE TABLE eventroute_file (
        version INTEGER NOT NULL, identity INTEGER NOT NULL, topology INTEGER NOT NULL,
        retention REAL NOT NULL
    )""",
    """CREATE TABLE eventroute_queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, pattern TEXT NOT NULL,
        ordered_by TEXT, visibility REAL NOT NULL
    )""",
    """CREATE INDEX eventroute_queue_dropped ON eventroute_queue (id) WHERE name IS NULL""",
    """CREATE TABLE eventroute_event (
        id INTEGER PRIMARY KEY, body BLOB NOT NULL, headers TEXT
    )""",
    """CREATE TABLE eventroute_archive (
        event INTEGER PRIMARY KEY, published REAL NOT NULL, stored REAL NOT NULL
    )""",
    """CREATE INDEX eventroute_archive_published ON eventroute_archive (published)""",
    """CREATE INDEX eventroute_archive_stored ON eventroute_archive (stored)""",
    """CREATE TABLE eventroute_message (
        id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, event INTEGER NOT NULL,
        state INTEGER NOT NULL, place INTEGER NOT NULL, due REAL, key TEXT,
        published REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
        token INTEGER NOT NULL DEFAULT 0, replayed TEXT
    )""",
    """CREATE INDEX eventroute_message_place ON eventroute_message (queue, state, place)""",
    """CREATE INDEX eventroute_message_due ON eventroute_message (queue, state, due, place)
        WHERE due IS NOT NULL""",
    """CREATE INDEX eventroute_message_key ON eventroute_message
        (queue, key, state, due, place) WHERE key IS NOT NULL""",
    """CREATE INDEX eventroute_message_event ON eventroute_message (event)""",
    """CREATE TABLE eventroute_dead (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, event INTEGER NOT NULL,
        reason TEXT NOT NULL, error TEXT NOT NULL, traceback TEXT NOT NULL,
        attempts INTEGER NOT NULL, died REAL NOT NULL, hidden REAL,
        token INTEGER NOT NULL DEFAULT 0, replayed TEXT
    )""",
    """CREATE INDEX eventroute_dead_visible ON eventroute_dead (queue, id)
        WHERE hidden IS NULL""",
    """CREATE INDEX eventroute_dead_hidden ON eventroute_dead (queue, hidden)
        WHERE hidden IS NOT NULL""",
    """CREATE INDEX eventroute_dead_event ON eventroute_dead (event)""",
    """CREATE TABLE eventroute_tally (
        queue INTEGER NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (queue, state)
    ) WITHOUT ROWID""",
    """CREATE TRIGGER eventroute_queue_added AFTER INSERT ON eventroute_queue BEGIN
        INSERT INTO eventroute_tally (queue, state)
        VALUES (new.id, 0), (new.id, 1), (new.id, 2), (new.id, 3), (new.id, 4), (new.id, 5);
    END""",
    """CREATE TRIGGER eventroute_message_added AFTER INSERT ON eventroute_message BEGIN
        UPDATE eventroute_tally SET count = count + 1
        WHERE queue = new.queue AND state = new.state;
    END""",
    """CREATE TRIGGER eventroute_message_moved AFTER UPDATE OF state ON eventroute_message
    WHEN old.state <> new.state BEGIN
        UPDATE eventroute_tally SET count = count + CASE state WHEN new.state THEN 1 ELSE -1 END
        WHERE queue = new.queue AND state IN (old.state, new.state);
    END""",
    """CREATE TRIGGER eventroute_message_removed AFTER DELETE ON eventroute_message BEGIN
        UPDATE eventroute_tally SET count = count - 1
        WHERE queue = old.queue AND state = old.state;
    END""",
    """CREATE TRIGGER eventroute_dead_added AFTER INSERT ON eventroute_dead BEGIN
        UPDATE eventroute_tally SET count = count + 1 WHERE queue = new.queue AND state = 5;
    END""",
    """CREATE TRIGGER eventroute_dead_removed AFTER DELETE ON eventroute_dead BEGIN
        UPDATE eventroute_tally SET count = count - 1 WHERE queue = old.queue AND state = 5;
    END""",
    """INSERT INTO eventroute_file VALUES (1, random(), random(), 0)""",
)
