"""Stores events, each once, and puts them into the queues that they match."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from eventroute.errors import EventRouteError
from eventroute_sqlite.messages import count, put, write_headers
from eventroute_sqlite.schema import State
from eventroute_sqlite.sheaf import Sheaf

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from eventroute.envelope import Event
    from eventroute.port import Outgoing
    from eventroute_sqlite.routes import Route, Routes
    from eventroute_sqlite.transaction import Transaction

__all__ = ["Match", "match", "store", "store_many"]

Match = tuple["Route", str | None]
"""A subscription that gets the event, and the event's ordering key there."""


def match(routes: Routes, event: Event) -> list[Match]:
    """Who gets an event.

    :raises EventRouteError: it cannot be read.
    """
    found = [routes.by_name[name] for name in routes.index.match(event)]
    return [(route, route.subscription.ordering_key(event)) for route in found]


def store(
    connection: sqlite3.Connection,
    outgoing: Outgoing,
    matches: Sequence[Match],
    *,
    now: float,
    retention: float,
) -> None:
    """Write one event into the file, its archive and its queues."""
    if not matches and not retention:
        return
    event = connection.execute(
        "INSERT INTO eventroute_event (body, headers) VALUES (?, ?)",
        (outgoing.event.to_json(), write_headers(outgoing.headers)),
    ).lastrowid
    if event is None:
        raise TypeError("SQLite named no row for an INSERT")
    moment = now + outgoing.delay
    if retention:
        connection.execute(
            "INSERT INTO eventroute_archive (event, published, stored) VALUES (?, ?, ?)",
            (event, time() + outgoing.delay, moment),
        )
    for route, key in matches:
        put(connection, route.queue, event, key, moment, now=now)


def store_many(
    transaction: Transaction, messages: Sequence[Outgoing], capacity: int | None
) -> tuple[list[EventRouteError | None], Route | None]:
    """Store events one after the other, until a queue is full.

    :returns: an outcome for each event that was dealt with, and the queue that had no room for
        the next one.
    """
    outcomes: list[EventRouteError | None] = []
    sheaf = Sheaf(transaction) if capacity is None and len(messages) > 1 else None
    for outgoing in messages:
        try:
            matches = match(transaction.routes, outgoing.event)
        except EventRouteError as error:
            outcomes.append(error)
            continue
        if capacity is not None:
            for route, _ in matches:
                if sum(count(transaction.connection, route.queue)[: State.DEAD]) >= capacity:
                    return outcomes, route
        if sheaf is None or not sheaf.take(outgoing, matches):
            if sheaf is not None:
                sheaf.store()  # what came before it has its place before it
            store(
                transaction.connection,
                outgoing,
                matches,
                now=transaction.now,
                retention=transaction.routes.retention,
            )
        for route, _ in matches:
            transaction.rung.add(route.subscription.name)
        transaction.published += 1
        outcomes.append(None)
    if sheaf is not None:
        sheaf.store()
    return outcomes, None
