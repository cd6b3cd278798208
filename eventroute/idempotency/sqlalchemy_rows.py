"""The table of the SQLAlchemy store, and what is done with its rows."""

from __future__ import annotations

from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Final

from eventroute.errors import ClaimLostError, MissingExtraError
from eventroute.idempotency.port import Busy, Done

try:
    import_module("sqlalchemy")
except ImportError as error:
    raise MissingExtraError(
        'SQLAlchemyStore needs SQLAlchemy; run pip install "eventroute[sqlalchemy]"',
        name="sqlalchemy",
    ) from error

from sqlalchemy import (
    Column,
    Double,
    Index,
    String,
    Table,
    and_,
    cast,
    delete,
    extract,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, MetaData
    from sqlalchemy.exc import DBAPIError

    from eventroute.idempotency.port import Key

__all__ = ["Rows", "idempotency_table", "is_contention"]

_LONGEST_NAME: Final = 255
_LONGEST_KEY: Final = 256
_SWEPT: Final = 500
_CONTENTION: Final = ("40001", "40P01")
_BUSY: Final = 5
_LOCKED: Final = 6


def idempotency_table(metadata: MetaData, name: str = "eventroute_idempotency") -> Table:
    """Declare the store's table among the tables of an application; make it as you make those.

    :param metadata: such as ``Base.metadata``.
    :param name: name of the table.
    """
    return Table(
        name,
        metadata,
        Column("subscription", String(_LONGEST_NAME), primary_key=True),
        Column("key", String(_LONGEST_KEY), primary_key=True),
        Column("claim", String(32)),  # whose claim it is; NULL once the key is done
        Column("expires", Double, nullable=False),  # seconds since 1970
        Index(f"{name}_expires", "expires"),
    )


class Rows:
    """What one transaction does with the table.

    :param now: seconds since 1970; ``None`` is the time of the database server.
    """

    def __init__(self, connection: Connection, table: Table, now: float | None) -> None:
        self._connection = connection
        self._table = table
        self._now: ColumnElement[float] = (
            cast(extract("epoch", func.clock_timestamp()), Double)
            if now is None
            else literal(now, Double)
        )

    def lock(self, key: Key) -> bool:
        """Say whether no other open transaction has locked a key; then this one has."""
        if self._connection.dialect.name != "postgresql":
            return True  # SQLite has one writer
        # Without it the next statement would wait for the other transaction, however long it is.
        digest = sha256(f"{self._table.fullname}\0{key.subscription}\0{key.value}".encode())
        number = int.from_bytes(digest.digest()[:8], signed=True)
        return bool(self._connection.scalar(select(func.pg_try_advisory_xact_lock(number))))

    def take(self, key: Key, claim: str | None, seconds: float) -> Done | Busy | None:
        """Write a row for a key that has none, or one that has expired; else say what is there."""
        row = self._table.c
        values = {**_named(key), "claim": claim, "expires": self._now + seconds}
        insert = (
            postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        )
        taken = self._connection.execute(
            insert(self._table)
            .values(values)
            .on_conflict_do_update(
                index_elements=[row.subscription, row.key],
                set_={"claim": claim, "expires": self._now + seconds},
                where=row.expires <= self._now,
            )
            .returning(row.key)
        )
        if taken.one_or_none() is not None:
            return None
        query = select(row.claim, row.expires - self._now).where(self._is(key))
        found = self._connection.execute(query).one_or_none()
        if found is None:  # it was released just now
            return Busy(0.0)
        holder, left = found
        return Done() if holder is None else Busy(max(0.0, left))

    def update(self, key: Key, holder: str | None, claim: str | None, seconds: float) -> None:
        """Change the row of a holder.

        :raises ClaimLostError: it is not there, or another's.
        """
        row = self._table.c
        statement = update(self._table).where(self._is(key), row.claim.is_not_distinct_from(holder))
        change = statement.values(claim=claim, expires=self._now + seconds)
        if not self._connection.execute(change).rowcount:
            raise ClaimLostError(
                f"the claim of {key.subscription} on {key.value} had ended before its handler"
            )

    def release(self, key: Key, holder: str) -> None:
        """Delete the row of a holder, if it is there."""
        mine = and_(self._is(key), self._table.c.claim == holder)
        self._connection.execute(delete(self._table).where(mine))

    def sweep(self) -> None:
        """Delete some rows that have expired."""
        row = self._table.c
        expired = select(row.subscription, row.key).where(row.expires <= self._now).limit(_SWEPT)
        if self._connection.dialect.name == "postgresql":
            expired = expired.with_for_update(skip_locked=True)
        self._connection.execute(
            delete(self._table).where(tuple_(row.subscription, row.key).in_(expired))
        )

    def _is(self, key: Key) -> ColumnElement[bool]:
        row = self._table.c
        return and_(row.subscription == key.subscription, row.key == key.value)


def is_contention(error: DBAPIError) -> bool:
    """Whether the database refused because another transaction was quicker, or is at work."""
    # The wrapper has the code of PostgreSQL or of SQLite; of the latter the low byte is primary.
    if getattr(error.orig, "sqlstate", None) in _CONTENTION:
        return True
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (_BUSY, _LOCKED)


def _named(key: Key) -> dict[str, str]:
    return {"subscription": key.subscription, "key": key.value}
