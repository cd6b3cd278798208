"""Publishing inside a transaction of the caller's own: the file is its own outbox."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from eventroute.clock import SystemClock
from eventroute.envelope import Event
from eventroute.errors import ConfigurationError, DeclarationError, NotOpenError
from eventroute.port import NO_HEADERS, Outgoing, with_version
from eventroute_sqlite.routes import Routes, current_routes
from eventroute_sqlite.rows import rows
from eventroute_sqlite.storing import match, store

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute.port import Headers

__all__ = ["publish_in"]

_MOST_FILES: Final = 16
_known: dict[int, Routes] = {}


def publish_in(
    connection: sqlite3.Connection,
    *events: Event,
    headers: Headers = NO_HEADERS,
    delay: float = 0.0,
    version: int | None = None,
    clock: Clock | None = None,
) -> None:
    """Publish events if, and only if, the transaction of a connection is committed.

    The tables of the application and those of the backend must be in the same database: a
    transaction over attached ones is not atomic when the power fails. Without an open transaction
    one is begun, as Python's ``sqlite3`` does before it writes; commit it. No queue is too full
    for these events.

    :param connection: any connection to the file that ``sqlite.path`` names.
    :param events: what to publish; of a payload, ``eventroute.as_event(payload)``.
    :param headers: travel with each of them.
    :param delay: seconds until they count as published.
    :param version: which version of their contracts they fit, where they are made of no payload.
    :param clock: the clock of the bus, where that is not the system's.
    :raises DeclarationError: something is no event.
    :raises NotOpenError: the connection commits each statement by itself, and no transaction is
        open.
    :raises ConfigurationError: no bus was ever opened on this database.
    :raises EventRouteError: an event cannot be read; nothing was written.
    :raises sqlite3.Error: the database failed; roll back.
    """
    for event in events:
        if not isinstance(event, Event):
            raise DeclarationError(
                f"a {type(event).__name__} is no Event; write "
                "publish_in(connection, as_event(payload))"
            )
    _begin(connection)
    routes = _routes(connection)
    matches = [match(routes, event) for event in events]
    now = (clock or SystemClock()).wall()
    for event, found in zip(events, matches, strict=True):
        named = event.contract_version if version is None else version
        outgoing = Outgoing(event, with_version(headers, named), delay)
        store(connection, outgoing, found, now=now, retention=routes.retention)


def _begin(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        return
    # -1 is sqlite3.LEGACY_TRANSACTION_CONTROL, all that there is before Python 3.12.
    if connection.isolation_level is None or getattr(connection, "autocommit", -1) != -1:
        raise NotOpenError(
            "the connection commits each statement by itself; execute BEGIN IMMEDIATE first, so "
            "that the events are published with your own changes or not at all"
        )
    connection.execute("BEGIN IMMEDIATE")


def _routes(connection: sqlite3.Connection) -> Routes:
    try:
        ((identity,),) = rows(connection, "SELECT identity FROM eventroute_file")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise ConfigurationError(
            "the database of this connection has no eventroute tables; open a bus with "
            'options={"path": ..., "shared": True} on it first'
        ) from error
    routes = current_routes(connection, _known.get(identity, Routes.none()))
    if identity not in _known and len(_known) >= _MOST_FILES:
        _known.clear()
    _known[identity] = routes
    return routes
