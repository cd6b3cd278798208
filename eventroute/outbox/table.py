"""The table, and how an event gets into it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import registry

from eventroute.envelope import Event
from eventroute.errors import DeclarationError, LimitExceededError
from eventroute.event_type import as_event
from eventroute.jsontext import MAX_BYTES
from eventroute.port import VERSION
from eventroute.publishing import checked_headers, checked_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session, scoped_session

__all__ = ["enqueue", "outbox_table"]

_ROW: Final = "eventroute.outbox.row"
_LONGEST_KEY: Final = 255


class _Row:
    """What a session adds; each table has a subclass that is mapped to it."""

    def __init__(self, key: str | None, body: bytes, headers: str | None) -> None:
        self.key = key
        self.body = body
        self.headers = headers
        self.attempts = 0
        self.due = 0.0


def outbox_table(metadata: MetaData, name: str = "eventroute_outbox") -> Table:
    """Declare the outbox among the tables of an application; make it as you make those.

    :param metadata: such as ``Base.metadata``.
    :param name: name of the table.
    """
    table = Table(
        name,
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("key", String(_LONGEST_KEY)),
        Column("body", LargeBinary(MAX_BYTES), nullable=False),
        Column("headers", Text),
        Column("attempts", Integer, nullable=False),
        Column("due", Double, nullable=False),
        Column("claim", String(32)),
        Column("error", Text),
        Index(f"{name}_key", "key", "id"),
        Index(f"{name}_due", "due", "id"),
        Index(f"{name}_claim", "claim"),
        sqlite_autoincrement=True,
    )
    row = type("OutboxRow", (_Row,), {})
    registry(metadata=metadata).map_imperatively(row, table)
    table.info[_ROW] = row
    return table


def enqueue(
    session: Session | AsyncSession | scoped_session[Session],
    table: Table,
    event: BaseModel | Event,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Event:
    """Add an event to a session; it is published after the session is committed, or never.

    :param session: no I/O happens before it is flushed.
    :param table: what :func:`outbox_table` returned.
    :param event: a payload whose class is declared with ``@event``, or a whole event.
    :param key: events with the same key are published in the order of their rows; at most 255
        characters. ``None`` leaves the order open.
    :param headers: what travels beside the event.
    :param version: which version of its type's contract an untyped event fits; as in
        :meth:`Publisher.publish <eventroute.publisher.Publisher.publish>`.
    :returns: the event with the id that it will be published under, however often that is tried.
    :raises DeclarationError: the table is another one, the payload's class is no event type, or a
        header or the version cannot travel.
    :raises EventError: the payload cannot be written as JSON.
    :raises LimitExceededError: the key is too long.
    """
    row = table.info.get(_ROW)
    if row is None:
        raise DeclarationError(
            f"the table {table.name!r} is no outbox; declare it with outbox_table(metadata)"
        )
    if key is not None and len(key) > _LONGEST_KEY:
        raise LimitExceededError(
            f"the key has {len(key)} characters; an outbox keeps {_LONGEST_KEY}: use a hash of it"
        )
    untyped = isinstance(event, Event)
    if version is not None and not untyped:
        raise DeclarationError(f"version={version!r} goes with an Event; a payload says its own")
    made = event if isinstance(event, Event) else as_event(event)
    named = checked_version(version) or made.contract_version
    kept = dict(checked_headers(headers))
    if named is not None:  # version 1 too: the relay must not take it for the latest
        kept[VERSION] = str(named)
    session.add(row(key, made.to_json(), json.dumps(kept) if kept else None))
    return made
