"""What SQLite's errors mean to a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, ConfigurationError, EventRouteError, OutcomeUnknownError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

__all__ = ["commit_failure", "failure", "opening_failure"]

_BUSY: Final = 5
_READONLY: Final = 8
_IOERR: Final = 10
_MEANINGS: Final = {
    3: "may not be opened by this user; change its permissions",
    _BUSY: "is locked: another program has been writing for longer than sqlite.busy_timeout; "
    "keep its transactions short, or raise the option",
    6: "is locked by another connection of this process; keep its transactions short",
    _READONLY: "is read-only; make the file and its folder writable",
    _IOERR: "cannot be read or written: the disk reports an error",
    11: "is damaged; restore it from a copy, or move it away to begin with a new one",
    13: "cannot grow: the disk is full",
    14: "cannot be opened; its folder must exist, and the file must be readable and writable",
    26: "is not a SQLite database; name another file in sqlite.path",
}
_TRANSIENT: Final = {_BUSY, 6, _IOERR, 13}


def failure(error: sqlite3.Error, path: Path) -> AdapterError:
    """What to raise when a call failed; nothing of it was kept."""
    return AdapterError(_say(error, path))


def commit_failure(error: sqlite3.Error, path: Path) -> AdapterError:
    """What to raise when a commit failed."""
    if _code(error) == _IOERR:  # the bytes may be on the disk, and found there after a restart
        return OutcomeUnknownError(_say(error, path))
    return failure(error, path)


def opening_failure(error: sqlite3.Error, path: Path) -> EventRouteError:
    """What to raise when the file could not be opened."""
    if _code(error) in _TRANSIENT:
        return failure(error, path)
    return ConfigurationError(f"sqlite.path: {_say(error, path)}")


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _say(error: sqlite3.Error, path: Path) -> str:
    meaning = _MEANINGS.get(_code(error))
    return f"{path} {meaning} ({error})" if meaning else f"{path}: {error}"
