"""Makes one transaction after the other: an order and its event, or neither.

python -m tools.torture.apps.committing publish_in|outbox WRITER COUNT SEED

It goes on from what it finds committed, and beyond COUNT until there is a file ``enough``.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from eventroute.outbox import enqueue
from eventroute_sqlite import publish_in
from tools.torture.apps import leash
from tools.torture.apps.orders import (
    OUTBOX,
    WRITERS,
    engine_of,
    folder,
    is_rolled_back,
    key_of,
    order_placed,
)
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


class _Shop(Protocol):
    def last(self, writer: int) -> int | None:
        """The last order of a writer that is committed."""
        ...

    def transact(self, number: int, *, roll_back: bool, tell: Callable[[str], None]) -> None:
        """Make a transaction; tell how far it is."""
        ...


class _OneFile:
    """Orders and events in one file, in one transaction."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(folder() / "events.db", timeout=60)

    def last(self, writer: int) -> int | None:
        query = "SELECT max(number) FROM orders WHERE number % ? = ?"
        row: tuple[int | None] = self._connection.execute(query, (WRITERS, writer)).fetchone()
        return row[0]

    def transact(self, number: int, *, roll_back: bool, tell: Callable[[str], None]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        insert = "INSERT INTO orders (number, key) VALUES (?, ?)"
        connection.execute(insert, (number, key_of(number)))
        tell("ordered")
        publish_in(connection, order_placed(number))
        tell("published")
        if roll_back:
            connection.rollback()
        else:
            connection.commit()


class _Outbox:
    """Orders and an outbox in a database; events come to the backend by a relay."""

    def __init__(self) -> None:
        self._engine = engine_of(folder() / "shop.db")

    def last(self, writer: int) -> int | None:
        query = text("SELECT max(number) FROM orders WHERE number % :writers = :writer")
        with self._engine.connect() as connection:
            number: int | None = connection.scalar(query, {"writers": WRITERS, "writer": writer})
            return number

    def transact(self, number: int, *, roll_back: bool, tell: Callable[[str], None]) -> None:
        with Session(self._engine) as session:
            insert = text("INSERT INTO orders (number, key) VALUES (:number, :key)")
            session.execute(insert, {"number": number, "key": key_of(number)})
            tell("ordered")
            enqueue(session, OUTBOX, order_placed(number), key=key_of(number))
            session.flush()
            tell("published")
            if roll_back:
                session.rollback()
            else:
                session.commit()


def _tell(journal: Journal, number: int, phase: str) -> None:
    journal.add(phase, number)


def _main(kind: str, writer: int, count: int, seed: int) -> None:
    leash.hold()
    shop: _Shop = _OneFile() if kind == "publish_in" else _Outbox()
    with closing(Journal(folder() / "journal")) as journal:
        last = shop.last(writer)
        number = writer if last is None else last + WRITERS
        while number < count or not (folder() / "enough").exists():
            roll_back = is_rolled_back(seed, number)
            shop.transact(number, roll_back=roll_back, tell=partial(_tell, journal, number))
            journal.add("undone" if roll_back else "committed", number)
            number += WRITERS
        journal.add("finished", number)


if __name__ == "__main__":
    _main(sys.argv[1], *map(int, sys.argv[2:5]))
