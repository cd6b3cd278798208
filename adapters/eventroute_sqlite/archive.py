"""The archive: what was published, by time."""

from __future__ import annotations

from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final

from eventroute.envelope import Event
from eventroute.errors import EventRouteError, NameNotFoundError, UnsupportedError
from eventroute.port import ArchiveState
from eventroute_sqlite.messages import put
from eventroute_sqlite.storing import match

if TYPE_CHECKING:
    from eventroute.port import Replay
    from eventroute_sqlite.transaction import Transaction

__all__ = ["Cursor", "archive_state", "begin_replay", "replay_some"]

Cursor = tuple[float, int, int]
"""Where a replay has got to: the moment and number of the last event, and its last number."""

IS_EMPTY: Final = "SELECT NOT EXISTS (SELECT 1 FROM eventroute_archive)"
LAST: Final = "SELECT coalesce(max(event), 0) FROM eventroute_archive"
KEPT: Final = """
    SELECT count(*), coalesce(sum(length(e.body)), 0), min(a.published)
    FROM eventroute_archive AS a CROSS JOIN eventroute_event AS e ON e.id = a.event
"""
NEXT: Final = """
    SELECT a.published, a.event, e.body
    FROM eventroute_archive AS a CROSS JOIN eventroute_event AS e ON e.id = a.event
    WHERE (a.published, a.event) > (?, ?) AND a.published < ? AND a.event <= ?
    ORDER BY a.published, a.event LIMIT ?
"""


def begin_replay(transaction: Transaction, replay: Replay) -> Cursor:
    """Check what is asked for, and leave out what is published from now on.

    :raises NameNotFoundError: it names a subscription that there is not.
    :raises UnsupportedError: the file keeps no archive.
    """
    for name in replay.subscriptions or ():
        if name not in transaction.routes.by_name:
            raise NameNotFoundError(f"there is no subscription {name!r} to replay into")
    connection = transaction.connection
    _check(transaction)
    (last,) = connection.execute(LAST).fetchone()
    return replay.since.timestamp(), -1, last


def archive_state(transaction: Transaction) -> ArchiveState:
    """What the file keeps; every event is looked at.

    :raises UnsupportedError: it keeps no archive.
    """
    _check(transaction)
    count, size, first = transaction.connection.execute(KEPT).fetchone()
    retention = transaction.routes.retention
    return ArchiveState(
        "archive in the file",
        "enabled" if retention else "no longer kept",
        count,
        size,
        None if first is None else datetime.fromtimestamp(first, UTC),
        retention,
    )


def replay_some(
    transaction: Transaction, replay: Replay, cursor: Cursor, limit: int
) -> tuple[int, Cursor | None]:
    """Deliver the next ``limit`` events again.

    :returns: how many reached a queue, and where to go on; ``None`` at the end.
    """
    published, number, last = cursor
    until = min(replay.until.timestamp(), time())  # what is delayed has yet to be published
    rows = transaction.connection.execute(NEXT, (published, number, until, last, limit)).fetchall()
    delivered = sum(_deliver(transaction, replay, event, body) for _, event, body in rows)
    if len(rows) < limit:
        return delivered, None
    return delivered, (rows[-1][0], rows[-1][1], last)


def _check(transaction: Transaction) -> None:
    if not transaction.routes.retention and transaction.connection.execute(IS_EMPTY).fetchone()[0]:
        raise UnsupportedError(
            "the file keeps no archive; set sqlite.retention to the seconds that published events "
            "are to be kept"
        )


def _deliver(transaction: Transaction, replay: Replay, number: int, body: bytes) -> bool:
    try:
        event = Event.from_trusted_json(body)
        if replay.pattern is not None and not replay.pattern.matches(event):
            return False
        matches = match(transaction.routes, event)
    except EventRouteError:  # nobody matched it when it was published either
        return False
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    now, delivered = transaction.now, False
    for route, key in matches:
        name = route.subscription.name
        if replay.subscriptions is None or name in replay.subscriptions:
            put(transaction.connection, route.queue, number, key, now, now=now, replayed=moment)
            transaction.rung.add(name)
            delivered = True
    return delivered
