"""What becomes of a lease."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Final

from eventroute.errors import DeadLetterQueueFullError, EventRouteError, LeaseLostError
from eventroute.port import Ack, Bury, Extend, Release
from eventroute_sqlite.messages import (
    count,
    delete_event_if_unused,
    make_ready,
    move_due,
    ready_next_of,
)
from eventroute_sqlite.schema import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Delivery, Settlement
    from eventroute_sqlite.transaction import Transaction

__all__ = ["settle"]

_HELD: Final = "id = ? AND token = ? AND state = 2 AND due > ?"
IS_HELD: Final = f"SELECT EXISTS (SELECT 1 FROM eventroute_message WHERE {_HELD})"
EXTEND: Final = f"UPDATE eventroute_message SET due = ? WHERE {_HELD}"
RELEASE: Final = (
    "UPDATE eventroute_message SET state = 1, due = ?, attempts = attempts - ?, place = "
    "(SELECT coalesce(max(place), 0) + 1 FROM eventroute_message AS other "
    f"WHERE other.queue = eventroute_message.queue AND other.state = 1) WHERE {_HELD}"
)
REMOVE: Final = (
    f"DELETE FROM eventroute_message WHERE {_HELD} RETURNING queue, event, key, attempts, replayed"
)
BURY: Final = (
    "INSERT INTO eventroute_dead "
    "(queue, event, reason, error, traceback, attempts, died, replayed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def settle(
    transaction: Transaction, settlements: Sequence[Settlement], capacity: int | None
) -> list[EventRouteError | None]:
    """Apply settlements; one outcome each."""
    for name in {settlement.delivery.subscription for settlement in settlements}:
        route = transaction.routes.by_name.get(name)
        if route is not None:
            move_due(transaction, route.queue)
    return [_settle_one(transaction, settlement, capacity) for settlement in settlements]


def _settle_one(
    transaction: Transaction, settlement: Settlement, capacity: int | None
) -> EventRouteError | None:
    connection, now = transaction.connection, transaction.now
    delivery = settlement.delivery
    receipt = delivery.receipt
    if not isinstance(receipt, tuple) or delivery.subscription not in transaction.routes.by_name:
        return _lost(delivery)
    held = (*receipt, now)
    if isinstance(settlement, Extend):
        extended = connection.execute(EXTEND, (now + settlement.seconds, *held)).rowcount
        return None if extended else _lost(delivery)
    if isinstance(settlement, Release):
        transaction.rung.add(delivery.subscription)
        delay = max(0.0, settlement.delay)
        values = (now + delay, 0 if settlement.counted else 1, *held)
        if not connection.execute(RELEASE, values).rowcount:
            return _lost(delivery)
        if not delay:
            make_ready(connection, receipt[0])
        return None
    return _remove(transaction, settlement, held, capacity)


def _remove(
    transaction: Transaction,
    settlement: Ack | Bury,
    held: tuple[object, ...],
    capacity: int | None,
) -> EventRouteError | None:
    connection, delivery = transaction.connection, settlement.delivery
    if isinstance(settlement, Bury) and capacity is not None:
        queue = transaction.routes.named(delivery.subscription).queue
        dead = count(connection, queue)[State.DEAD]
        if dead >= capacity and connection.execute(IS_HELD, held).fetchone()[0]:
            return DeadLetterQueueFullError(
                f"the dead-letter queue of {delivery.subscription!r} is full with {dead:,} events; "
                "look at them, or raise sqlite.capacity"
            )
    row = connection.execute(REMOVE, held).fetchone()
    if row is None:
        return _lost(delivery)
    queue, event, key, attempts, replayed = row
    if isinstance(settlement, Bury):
        texts = (settlement.reason, settlement.error, settlement.traceback)
        # An error may quote what is no Unicode, such as a file's name.
        why = [text.encode(errors="backslashreplace").decode() for text in texts]
        made = attempts if settlement.attempts is None else settlement.attempts
        connection.execute(BURY, (queue, event, *why, made, time(), replayed))
    else:
        delete_event_if_unused(connection, event)
    if key is not None and ready_next_of(connection, queue, key):
        transaction.rung.add(delivery.subscription)
    transaction.freed = True
    return None


def _lost(delivery: Delivery) -> LeaseLostError:
    return LeaseLostError(
        f"the lease of attempt {delivery.attempt} in {delivery.subscription!r} has ended; "
        "raise visibility_timeout if handlers block the event loop for that long"
    )
