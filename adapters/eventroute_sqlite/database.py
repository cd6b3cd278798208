"""Opens the file: checks that it is ours, and makes the tables where there are none."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute_sqlite.failures import opening_failure
from eventroute_sqlite.schema import APPLICATION_ID, SCHEMA, VERSION

if TYPE_CHECKING:
    from eventroute_sqlite.options import SqliteOptions

__all__ = ["check_library", "connect", "tables_of"]

_OLDEST: Final = (3, 35)  # RETURNING


def check_library(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Refuse a SQLite that lacks what the statements need.

    :raises UnsupportedError: naming both versions.
    """
    if version < _OLDEST:
        raise UnsupportedError(
            f"this Python was built with SQLite {'.'.join(map(str, version))}; the backend "
            f"'sqlite' needs {'.'.join(map(str, _OLDEST))} or newer: use another Python"
        )


def connect(options: SqliteOptions, *, provision: bool = True) -> sqlite3.Connection:
    """Open the file, in the thread that will use it; transactions are begun by hand.

    :param provision: whether to make the file and its tables where they are missing.
    :raises ConfigurationError: it cannot be opened, or is not ours.
    :raises AdapterError: it is locked, or the disk fails.
    """
    path = options.path
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"sqlite.path: the folder {path.parent} does not exist; make it, or name another file"
        )
    if not (provision or path.exists()):
        raise ConfigurationError(
            f"sqlite.path: there is no file {path}; name the one that the bus works on, or run the "
            "bus once"
        )
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            path, timeout=options.busy_timeout, isolation_level=None, cached_statements=256
        )
        _prepare(connection, options, provision=provision)
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise opening_failure(error, path) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, options: SqliteOptions, *, provision: bool) -> None:
    has_tables = _refuse_strangers(connection, options)  # before anything is written
    if provision:
        _keep_a_log(connection, options)
    elif not has_tables:
        raise ConfigurationError(
            f"sqlite.path: {options.path} has no tables of eventroute; name the file that the bus "
            "works on, or run the bus once"
        )
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA cache_size = -16384")  # KiB: the indexes of a million events
    if not provision:
        return
    with connection:  # commits, or rolls back
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have been quicker.
        if not _refuse_strangers(connection, options):
            if not tables_of(connection):
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in SCHEMA:
                connection.execute(statement)


def _keep_a_log(connection: sqlite3.Connection, options: SqliteOptions) -> None:
    """Turn on the write-ahead log. SQLite does not wait for others here, so this does."""
    deadline = monotonic() + options.busy_timeout
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() >= deadline:
                raise
            sleep(0.01)
        else:
            break
    if mode != "wal":
        raise ConfigurationError(
            f"sqlite.path: {options.path} cannot have a write-ahead log, only {mode!r}; put it on "
            "a local disk"
        )


def tables_of(connection: sqlite3.Connection) -> set[str]:
    """Names of the tables of a database."""
    return {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    }


def _refuse_strangers(connection: sqlite3.Connection, options: SqliteOptions) -> bool:
    """Say whether our tables are there; raise where they must not be made."""
    tables = tables_of(connection)
    if "eventroute_file" in tables:
        (version,) = connection.execute("SELECT version FROM eventroute_file").fetchone()
        if version != VERSION:
            raise ConfigurationError(
                f"sqlite.path: {options.path} has tables of version {version}, and this eventroute "
                f"knows version {VERSION}; use the eventroute that made it, or another file"
            )
        return True
    if tables and not options.shared:
        raise ConfigurationError(
            f"sqlite.path: {options.path} is a database of something else, with the table "
            f"{min(tables)!r}; name another file, or say sqlite.shared = true to add our tables"
        )
    return False
