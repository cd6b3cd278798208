"""What the committing programs, the relay and the judge agree on."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from sqlalchemy import MetaData, create_engine, event

from eventroute import Event
from eventroute.outbox import outbox_table

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = [
    "BATCH",
    "LEASE",
    "OUTBOX",
    "SOURCE",
    "TABLE",
    "WRITERS",
    "engine_of",
    "folder",
    "is_rolled_back",
    "key_of",
    "order_placed",
]

SOURCE: Final = "torture.orders"
WRITERS: Final = 2
BATCH: Final = 20
LEASE: Final = 3.0
"""Seconds after which another relay takes over from one that was killed."""

TABLE: Final = """
CREATE TABLE IF NOT EXISTS orders (
    place INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, key TEXT NOT NULL
)
"""
OUTBOX: Final = outbox_table(MetaData())

_KEYS: Final = 7


def folder() -> Path:
    """Where the files of this run are."""
    return Path(os.environ["TORTURE_FOLDER"])


def key_of(number: int) -> str:
    """The ordering key of an order; both writers use all of them."""
    return f"k{number // WRITERS % _KEYS}"


def is_rolled_back(seed: int, number: int) -> bool:
    """Whether the transaction of an order is meant to be rolled back, each time it is tried."""
    return Random(f"{seed} {number}").random() < 0.2


def order_placed(number: int) -> Event:
    """The event of an order."""
    return Event(SOURCE, "OrderPlaced", {"number": number, "key": key_of(number)})


def engine_of(path: Path) -> Engine:
    """An engine on the database of the application."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def use_wal(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")

    return engine
