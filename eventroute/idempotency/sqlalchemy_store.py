"""A store in the application's database, whose SQLAlchemy session handlers share."""

from __future__ import annotations

from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import anyio.to_thread

from eventroute.clock import SystemClock
from eventroute.errors import ConfigurationError, DeclarationError, UnsupportedError
from eventroute.idempotency.port import Busy, Done
from eventroute.idempotency.sqlalchemy_rows import Rows, is_contention

# Behind the module that says what to install where SQLAlchemy is missing.
from sqlalchemy import Engine, delete, false, func, select  # isort: skip
from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # isort: skip
from sqlalchemy.orm import Session  # isort: skip

from eventroute.idempotency.sqlalchemy_unit import SessionUnit, in_session  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Table
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

    from eventroute.clock import Clock
    from eventroute.idempotency.port import Claim, Key, UnitOfWork

__all__ = ["SQLAlchemyStore"]

T = TypeVar("T")

_KNOWN: Final = ("postgresql", "sqlite")
_SWEEP_EVERY: Final = 100


class SQLAlchemyStore:
    """Keys in a database that SQLAlchemy reaches: PostgreSQL, or a SQLite file.

    A handler with a parameter ``Annotated[Session, Transaction]``, or of ``AsyncSession`` where the
    engine is an ``AsyncEngine``, shares the store's transaction. On PostgreSQL the time is the
    server's.

    :param engine: of the application's database; it is not disposed of when the store is closed.
        An ``AsyncEngine`` runs on asyncio only.
    :param table: what :func:`~eventroute.idempotency.idempotency_table` returned.
    :param session_class: what handlers are given, if it is a class of your own.
    :raises DeclarationError: the class is no session for this kind of engine.
    :raises UnsupportedError: the store does not know this database.
    """

    def __init__(
        self,
        engine: Engine | AsyncEngine,
        table: Table,
        *,
        session_class: type[Session] | type[AsyncSession] | None = None,
    ) -> None:
        if engine.dialect.name not in _KNOWN:
            raise UnsupportedError(
                f"SQLAlchemyStore does not know {engine.dialect.name!r}; it works with "
                f"{' and '.join(_KNOWN)}"
            )
        self._engine = engine
        self._table = table
        self._session_class = _session_class(engine, session_class)
        self._clock: Clock = SystemClock()
        self._users = 0
        self._calls = 0
        self._turn: anyio.Lock | None = None

    @property
    def provides(self) -> type:
        """See :class:`eventroute.idempotency.TransactionalStore`."""
        return self._session_class

    async def open(self, clock: Clock) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        self._clock = clock
        try:
            atomic = await self._in_transaction(partial(_try, table=self._table))
        except SQLAlchemyError as error:
            raise ConfigurationError(
                f"the idempotency store cannot use the table {self._table.name!r}: {error}; make "
                "the table as you make those of the application"
            ) from error
        if not atomic:
            raise ConfigurationError(
                "the engine of the idempotency store commits each statement by itself; give it one "
                "without isolation_level='AUTOCOMMIT'"
            )
        if self._users == 0 and self._engine.dialect.name == "sqlite":
            self._turn = anyio.Lock()  # one writer: tasks wait here, and not in threads
        self._users += 1

    async def close(self) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        self._users -= 1

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        await self._sweep_at_times()
        token = token_hex(16)
        try:
            found = await self._change(lambda rows: rows.take(key, token, lease))
        except DBAPIError as error:
            if is_contention(error):
                return Busy(0.0)
            raise
        return _Claim(self, key, token, window) if found is None else found

    async def begin(self, key: Key, *, window: float) -> UnitOfWork | Done | Busy:
        """See :class:`eventroute.idempotency.TransactionalStore`."""
        await self._sweep_at_times()
        if self._turn is not None:
            await self._turn.acquire()
        session: Session | AsyncSession = self._session_class(self._engine)  # type: ignore[arg-type]  # checked with the engine
        unit = SessionUnit(session, key, partial(self._mark, key=key, window=window), self._free)
        try:
            found = await in_session(session, partial(self._take, key=key, window=window))
        except DBAPIError as error:
            await unit.rollback()
            if is_contention(error):
                return Busy(0.0)
            raise
        except BaseException:
            with anyio.CancelScope(shield=True):
                await unit.rollback()
            raise
        if found is not None:
            await unit.rollback()
            return found
        return unit

    async def extend(self, key: Key, token: str, lease: float) -> None:
        """Let a claim end later."""
        await self._change(lambda rows: rows.update(key, token, token, lease))

    async def complete(self, key: Key, token: str, window: float) -> None:
        """Mark a claimed key as done."""
        await self._change(lambda rows: rows.update(key, token, None, window))

    async def release(self, key: Key, token: str) -> None:
        """Forget a claimed key."""
        await self._change(lambda rows: rows.release(key, token))

    def _rows(self, connection: Connection) -> Rows:
        servers = connection.dialect.name == "postgresql" and isinstance(self._clock, SystemClock)
        return Rows(connection, self._table, None if servers else self._clock.wall())

    def _take(self, session: Session, key: Key, window: float) -> Done | Busy | None:
        rows = self._rows(session.connection())
        if not rows.lock(key):
            return Busy(0.0)
        # The mark is written first: where two have the key after all, the database lets one wait.
        return rows.take(key, None, window)

    def _mark(self, session: Session, key: Key, window: float) -> None:
        self._rows(session.connection()).update(key, None, None, window)

    def _free(self) -> None:
        if self._turn is not None:
            self._turn.release()

    async def _sweep_at_times(self) -> None:
        if self._calls % _SWEEP_EVERY == 0:
            await self._change(Rows.sweep)
        self._calls += 1

    async def _change(self, change: Callable[[Rows], T]) -> T:
        def work(connection: Connection) -> T:
            return change(self._rows(connection))

        if self._turn is None:
            return await self._in_transaction(work)
        async with self._turn:
            return await self._in_transaction(work)

    async def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        engine = self._engine
        if isinstance(engine, Engine):
            return await anyio.to_thread.run_sync(_in_transaction, engine, work)
        async with engine.begin() as connection:
            return await connection.run_sync(work)


class _Claim:
    __slots__ = ("_key", "_store", "_token", "_window")

    def __init__(self, store: SQLAlchemyStore, key: Key, token: str, window: float) -> None:
        self._store, self._key, self._token, self._window = store, key, token, window

    async def extend(self, lease: float) -> None:
        await self._store.extend(self._key, self._token, lease)

    async def complete(self) -> None:
        await self._store.complete(self._key, self._token, self._window)

    async def release(self) -> None:
        await self._store.release(self._key, self._token)


def _session_class(
    engine: Engine | AsyncEngine, given: type[Session] | type[AsyncSession] | None
) -> type[Session] | type[AsyncSession]:
    kind: type[Session] | type[AsyncSession] = Session
    if not isinstance(engine, Engine):
        from sqlalchemy.ext.asyncio import AsyncSession  # noqa: PLC0415  weighs more than a Session

        kind = AsyncSession
    if given is not None and not issubclass(given, kind):
        raise DeclarationError(
            f"SQLAlchemyStore(session_class={given.__name__}): an {type(engine).__name__} needs a "
            f"subclass of {kind.__name__}"
        )
    return given or kind


def _try(connection: Connection, table: Table) -> bool:
    """Try to write into the table; say whether two statements share a transaction."""
    connection.execute(delete(table).where(false()))
    if connection.dialect.name == "postgresql":
        began = select(func.transaction_timestamp())
        return connection.scalar(began) == connection.scalar(began)
    return bool(getattr(connection.connection.driver_connection, "in_transaction", True))


def _in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)
