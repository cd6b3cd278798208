"""A store in a SQLite file: durable, for the processes of one machine, with transactions."""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import anyio.to_thread

from eventroute.clock import SystemClock
from eventroute.errors import ClaimLostError, ConfigurationError, TransactionError
from eventroute.idempotency.port import Busy, Done
from eventroute.idempotency.shared_connection import SharedConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.clock import Clock
    from eventroute.idempotency.port import Claim, Key, UnitOfWork

__all__ = ["SQLiteStore"]

T = TypeVar("T")

_IS_BACKEND: Final = "SELECT 1 FROM sqlite_master WHERE name = 'eventroute_file'"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS eventroute_idempotency (
    subscription TEXT NOT NULL,
    key TEXT NOT NULL,
    claim TEXT,              -- whose claim it is; NULL once the key is done
    expires REAL NOT NULL,   -- seconds since 1970
    PRIMARY KEY (subscription, key)
) WITHOUT ROWID
"""
_INDEX: Final = """
CREATE INDEX IF NOT EXISTS eventroute_idempotency_expires ON eventroute_idempotency (expires)
"""
_FORGET: Final = """
DELETE FROM eventroute_idempotency WHERE (subscription, key) IN
    (SELECT subscription, key FROM eventroute_idempotency WHERE expires <= ? LIMIT 20)
"""
_FIND: Final = """
SELECT claim IS NULL, expires FROM eventroute_idempotency
WHERE subscription = ? AND key = ? AND expires > ?
"""
_PUT: Final = """
INSERT OR REPLACE INTO eventroute_idempotency (subscription, key, claim, expires)
VALUES (?, ?, ?, ?)
"""
_UPDATE: Final = """
UPDATE eventroute_idempotency SET claim = ?, expires = ?
WHERE subscription = ? AND key = ? AND claim = ?
"""
_DELETE: Final = """
DELETE FROM eventroute_idempotency WHERE subscription = ? AND key = ? AND claim = ?
"""

_PATIENCE: Final = 5.0
"""Seconds to wait for another process that writes."""


class SQLiteStore:
    """Keys in a SQLite file, which may be the application's own database.

    A handler with a parameter ``Annotated[sqlite3.Connection, Transaction]`` shares the store's
    transaction. SQLite has one writer at a time, so the handlers that do so run one after the
    other, in all processes that use the file: keep them short. Do not put it into the file of the
    ``sqlite`` backend: a handler that publishes would wait for itself.

    :param path: the file, which is created; ``":memory:"`` lives while the bus runs.
    :param on_connect: sets up the connection, such as ``PRAGMA foreign_keys = ON``. It runs in a
        thread, and again where another process writes meanwhile.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        on_connect: Callable[[sqlite3.Connection], object] | None = None,
    ) -> None:
        self._path = os.fspath(path)
        self._on_connect = on_connect
        self._connection: SharedConnection | None = None
        self._users = 0
        self._now = SystemClock().wall
        self._opening = anyio.Lock()
        self._lock: anyio.Lock

    @property
    def provides(self) -> type:
        """See :class:`eventroute.idempotency.TransactionalStore`."""
        return sqlite3.Connection

    async def open(self, clock: Clock) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        self._now = clock.wall
        async with self._opening:
            if self._connection is None:
                self._lock = anyio.Lock()  # fresh: the old one may belong to a past event loop
                self._connection = await self._connect()
            self._users += 1

    async def close(self) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        async with self._opening:
            self._users -= 1
            if self._users == 0 and self._connection is not None:
                connection, self._connection = self._connection, None
                await anyio.to_thread.run_sync(connection.close)

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        token = token_hex(16)

        def hold(connection: SharedConnection, now: float) -> Done | Busy | None:
            known = _known(connection, key, now)
            if known is None:
                _run(connection, _PUT, key.subscription, key.value, token, now + lease)
            return known

        found = await self._write(hold)
        return _SQLiteClaim(self, key, token, window) if found is None else found

    async def begin(self, key: Key, *, window: float) -> UnitOfWork | Done | Busy:
        """See :class:`eventroute.idempotency.TransactionalStore`."""
        await self._lock.acquire()
        try:
            found = await _when_free(lambda: self._begin(key))
        except sqlite3.OperationalError as error:
            self._lock.release()
            if _is_busy(error):
                return Busy(0.0)
            raise
        except BaseException:
            self._lock.release()
            raise
        if found is None:
            return _SQLiteTransaction(self, key, window)
        self._lock.release()
        return found

    async def extend(self, key: Key, token: str, lease: float) -> None:
        """Let a claim end later."""
        await self._write(
            lambda connection, now: _update(connection, key, token, token, now + lease)
        )

    async def complete(self, key: Key, token: str, window: float) -> None:
        """Mark a claimed key as done."""
        await self._write(
            lambda connection, now: _update(connection, key, token, None, now + window)
        )

    async def release(self, key: Key, token: str) -> None:
        """Forget a claimed key."""
        await self._write(
            lambda connection, _: _run(connection, _DELETE, key.subscription, key.value, token)
        )

    async def commit(self, key: Key, window: float) -> None:
        """Mark the key in the transaction under way, and commit both."""

        def commit() -> None:
            connection = self.connection
            connection.take_back()
            if not connection.in_transaction:
                raise TransactionError(
                    f"SQLite rolled back the transaction of {key.subscription}; what the handler "
                    "did after that is committed, what it did before is not"
                )
            _run(connection, _PUT, key.subscription, key.value, None, self._now() + window)
            connection.execute("COMMIT")

        await anyio.to_thread.run_sync(commit)
        self._lock.release()

    async def rollback(self) -> None:
        """Undo the transaction under way."""
        connection = self.connection

        def rollback() -> None:
            connection.take_back()
            if connection.in_transaction:
                connection.execute("ROLLBACK")

        try:
            await anyio.to_thread.run_sync(rollback)
        finally:
            self._lock.release()

    @property
    def connection(self) -> SharedConnection:
        """The connection of an open store."""
        if self._connection is None:
            raise TransactionError(f"the idempotency store {self._path} is closed")
        return self._connection

    def _idle_connection(self) -> SharedConnection:
        """The connection, for whoever holds the lock."""
        connection = self.connection
        if connection.in_transaction:  # asyncio cancelled a task whose thread went on
            connection.take_back()
            connection.execute("ROLLBACK")
        return connection

    async def _connect(self) -> SharedConnection:
        try:
            connection = await _when_free(self._connect_now)
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"the idempotency store {self._path} cannot be opened: {error}; name a file in a "
                "folder that exists, which is a SQLite database or not there yet"
            ) from error
        if self._on_connect is not None:
            try:
                await _when_free(partial(self._on_connect, connection))
            except BaseException:
                connection.close()
                raise
        return connection

    def _connect_now(self) -> SharedConnection:
        connection = sqlite3.connect(
            self._path,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            factory=SharedConnection,
        )
        try:
            self._refuse_backend(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_SCHEMA)
            connection.execute(_INDEX)
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_backend(self, connection: SharedConnection) -> None:
        if connection.execute(_IS_BACKEND).fetchone():
            raise ConfigurationError(
                f"the idempotency store {self._path} is the file of the backend 'sqlite'; name "
                "another one: in a common file, a handler that publishes would wait for itself"
            )

    def _begin(self, key: Key) -> Done | Busy | None:
        connection = self._idle_connection()
        connection.execute("BEGIN IMMEDIATE")
        now = self._now()
        found = _known(connection, key, now)
        if found is None:
            connection.lend()
        else:
            connection.execute("ROLLBACK")
        return found

    async def _write(self, change: Callable[[SharedConnection, float], T]) -> T:
        def write() -> T:
            connection = self._idle_connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = change(connection, self._now())
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

        async with self._lock:
            return await _when_free(write)


class _SQLiteClaim:
    __slots__ = ("_key", "_store", "_token", "_window")

    def __init__(self, store: SQLiteStore, key: Key, token: str, window: float) -> None:
        self._store, self._key, self._token, self._window = store, key, token, window

    async def extend(self, lease: float) -> None:
        await self._store.extend(self._key, self._token, lease)

    async def complete(self) -> None:
        await self._store.complete(self._key, self._token, self._window)

    async def release(self) -> None:
        await self._store.release(self._key, self._token)


class _SQLiteTransaction:
    __slots__ = ("_key", "_store", "_window")

    def __init__(self, store: SQLiteStore, key: Key, window: float) -> None:
        self._store, self._key, self._window = store, key, window

    @property
    def handle(self) -> object:
        return self._store.connection

    async def commit(self) -> None:
        await self._store.commit(self._key, self._window)

    async def rollback(self) -> None:
        await self._store.rollback()


def _known(connection: SharedConnection, key: Key, now: float) -> Done | Busy | None:
    _run(connection, _FORGET, now)
    cursor = connection.cursor()
    cursor.row_factory = None  # whatever the application has set
    row = cursor.execute(_FIND, (key.subscription, key.value, now)).fetchone()
    if row is None:
        return None
    done, expires = row
    return Done() if done else Busy(expires - now)


def _run(connection: SharedConnection, statement: str, *values: object) -> int:
    return connection.execute(statement, values).rowcount


def _is_busy(error: sqlite3.OperationalError) -> bool:
    # The low byte is the primary code; the rest says why in more detail.
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


async def _when_free(function: Callable[[], T]) -> T:
    """Call a function in a thread, again while another process writes."""
    deadline = anyio.current_time() + _PATIENCE
    pause = 0.002
    while True:
        try:
            return await anyio.to_thread.run_sync(function)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or anyio.current_time() >= deadline:
                raise
        await anyio.sleep(pause)
        pause = min(2 * pause, 0.1)


def _update(
    connection: SharedConnection, key: Key, token: str, claim: str | None, expires: float
) -> None:
    if not _run(connection, _UPDATE, claim, expires, key.subscription, key.value, token):
        raise ClaimLostError(
            f"the claim of {key.subscription} on {key.value} had ended before its handler"
        )
