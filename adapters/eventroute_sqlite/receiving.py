"""Leases messages to those who ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.port import Delivery, QueueDepth
from eventroute_sqlite.messages import (
    count,
    make_ready,
    move_due,
    next_change,
    read_headers,
)

if TYPE_CHECKING:
    from eventroute_sqlite.moments import Moments
    from eventroute_sqlite.transaction import Transaction

__all__ = ["Taken", "depth_of", "give_back", "look", "take"]

Taken = tuple[list[Delivery], float | None]
"""What was leased; where that is nothing, the moment when time alone may change it."""

TAKE: Final = """
    UPDATE eventroute_message
    SET state = 2, due = ?, attempts = attempts + 1, token = random()
    WHERE id IN (
        SELECT id FROM eventroute_message WHERE queue = ? AND state = 3 ORDER BY place LIMIT ?
    )
    RETURNING place, id, token, attempts, published, replayed,
        (SELECT body FROM eventroute_event AS e WHERE e.id = eventroute_message.event),
        (SELECT headers FROM eventroute_event AS e WHERE e.id = eventroute_message.event)
"""
IS_SOMETHING_READY: Final = (
    "SELECT EXISTS (SELECT 1 FROM eventroute_message WHERE queue = ? AND state = 3)"
)
GIVE_BACK: Final = (
    "UPDATE eventroute_message SET attempts = attempts - 1 WHERE id = ? AND token = ? AND state = 2"
)


NEXT_DUE: Final = (
    "SELECT min(due) FROM ("
    "SELECT min(due) AS due FROM eventroute_message WHERE queue = :queue AND state = 0 "
    "AND due IS NOT NULL UNION ALL "
    "SELECT min(due) AS due FROM eventroute_message WHERE queue = :queue AND state = 1 "
    "AND due IS NOT NULL)"
)


def look(transaction: Transaction, name: str) -> Taken | None:
    """Say that there is nothing to lease, without a transaction; ``None`` where there may be."""
    queue = transaction.routes.named(name).queue
    connection = transaction.connection
    change = next_change(connection, queue)
    if change is not None and change <= transaction.now:
        return None
    if connection.execute(IS_SOMETHING_READY, (queue,)).fetchone()[0]:
        return None
    return [], change


def take(transaction: Transaction, name: str, limit: int, moments: Moments) -> Taken:
    """Lease up to ``limit`` messages that are ready, in their order."""
    route = transaction.routes.named(name)
    connection, now = transaction.connection, transaction.now
    move_due(transaction, route.queue)
    ends = now + route.subscription.visibility_timeout
    rows = connection.execute(TAKE, (ends, route.queue, limit)).fetchall()
    if not rows:
        return [], next_change(connection, route.queue)
    rows.sort()
    lease_ends = moments.on_clock(ends)
    deliveries = [
        Delivery(
            name,
            body,
            attempts,
            lease_ends,
            (number, token),
            read_headers(headers, replayed),
            max(0.0, now - published),
        )
        for _, number, token, attempts, published, replayed, body, headers in rows
    ]
    return deliveries, None


def give_back(transaction: Transaction, taken: Taken) -> None:
    """Undo :func:`take`: the caller was cancelled and never saw it."""
    for delivery in taken[0]:
        receipt = delivery.receipt
        if not isinstance(receipt, tuple):
            continue
        if transaction.connection.execute(GIVE_BACK, receipt).rowcount:
            make_ready(transaction.connection, receipt[0])
            transaction.rung.add(delivery.subscription)


def depth_of(transaction: Transaction, name: str, moments: Moments) -> QueueDepth:
    """Count what a queue holds, by state."""
    queue = transaction.routes.named(name).queue
    move_due(transaction, queue)
    scheduled, delayed, leased, ready, blocked, dead = count(transaction.connection, queue)
    (due,) = transaction.connection.execute(NEXT_DUE, {"queue": queue}).fetchone()
    return QueueDepth(
        ready=ready,
        delayed=scheduled + delayed + blocked,
        in_flight=leased,
        dead=dead,
        next_due=None if due is None else moments.on_clock(due),
    )
