"""Reads rows, also through a connection that is the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

__all__ = ["rows"]


def rows(connection: sqlite3.Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """All rows of a query, as tuples, whatever the connection makes of rows."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(statement, values).fetchall()
