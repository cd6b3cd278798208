"""The dead-letter queues."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from eventroute.errors import EventRouteError, LeaseLostError
from eventroute.port import DeadLetter, Keep, Redrive
from eventroute_sqlite.messages import delete_event_if_unused, put, read_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import DeadSettlement
    from eventroute_sqlite.transaction import Transaction

__all__ = ["receive_dead", "settle_dead", "show_again"]

SHOW_DUE: Final = (
    "UPDATE eventroute_dead SET hidden = NULL WHERE id IN (SELECT id FROM eventroute_dead "
    "WHERE queue = ? AND hidden <= ? ORDER BY hidden LIMIT 1000)"
)
TAKE: Final = """
    UPDATE eventroute_dead SET hidden = ?, token = random()
    WHERE id IN (
        SELECT id FROM eventroute_dead WHERE queue = ? AND hidden IS NULL ORDER BY id LIMIT ?
    )
    RETURNING id, token, reason, error, traceback, attempts, died, replayed,
        (SELECT body FROM eventroute_event AS e WHERE e.id = eventroute_dead.event),
        (SELECT headers FROM eventroute_event AS e WHERE e.id = eventroute_dead.event)
"""
_HELD: Final = "id = ? AND token = ? AND hidden > ?"
SHOW: Final = f"UPDATE eventroute_dead SET hidden = NULL WHERE {_HELD}"
REMOVE: Final = f"DELETE FROM eventroute_dead WHERE {_HELD} RETURNING event, replayed"


def receive_dead(
    transaction: Transaction, name: str, limit: int, seconds: float
) -> list[DeadLetter]:
    """Hide up to ``limit`` letters, the oldest first, from other calls for this long."""
    queue, now = transaction.routes.named(name).queue, transaction.now
    transaction.connection.execute(SHOW_DUE, (queue, now))
    rows = transaction.connection.execute(TAKE, (now + seconds, queue, limit)).fetchall()
    rows.sort()
    return [
        DeadLetter(
            name,
            body,
            reason,
            error,
            attempts,
            id=str(number),
            traceback=traceback,
            headers=read_headers(headers, replayed),
            died=datetime.fromtimestamp(died, UTC),
            receipt=(number, token),
        )
        for number, token, reason, error, traceback, attempts, died, replayed, body, headers in rows
    ]


def show_again(transaction: Transaction, letters: Sequence[DeadLetter]) -> None:
    """Undo :func:`receive_dead`: the caller was cancelled and never saw them."""
    for letter in letters:
        if isinstance(letter.receipt, tuple):
            transaction.connection.execute(SHOW, (*letter.receipt, transaction.now))


def settle_dead(
    transaction: Transaction, settlements: Sequence[DeadSettlement]
) -> list[EventRouteError | None]:
    """Apply settlements; one outcome each."""
    return [_settle_one(transaction, settlement) for settlement in settlements]


def _settle_one(transaction: Transaction, settlement: DeadSettlement) -> EventRouteError | None:
    connection, now = transaction.connection, transaction.now
    letter = settlement.letter
    route = transaction.routes.by_name.get(letter.subscription)
    if route is None or not isinstance(letter.receipt, tuple):
        return _not_held(letter)
    held = (*letter.receipt, now)
    if isinstance(settlement, Keep):
        return None if connection.execute(SHOW, held).rowcount else _not_held(letter)
    row = connection.execute(REMOVE, held).fetchone()
    if row is None:
        return _not_held(letter)
    event, replayed = row
    if isinstance(settlement, Redrive):
        key = route.subscription.ordering_key_of(letter.body)
        put(connection, route.queue, event, key, now, now=now, replayed=replayed)
        transaction.rung.add(letter.subscription)
    else:
        delete_event_if_unused(connection, event)
    return None


def _not_held(letter: DeadLetter) -> LeaseLostError:
    return LeaseLostError(
        f"dead letter {letter.id} of {letter.subscription!r} is no longer held by this call; list "
        "the dead letters again"
    )
