"""An application for ``eventroute run``: three subscriptions that note what they did.

``TORTURE_FOLDER`` is where its files are. With ``TORTURE_TRANSACTIONS`` effects are rows that are
committed with the mark of the idempotency store; without, they are lines of a journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import anyio

from eventroute import Event, EventBus, Retry, Router
from eventroute.idempotency import SQLiteStore, Transaction
from tools.torture.apps import leash
from tools.torture.journal import Journal

__all__ = ["CONCURRENCY", "LEASE", "NAMES", "SOURCE", "bus", "shop_bus"]

SOURCE: Final = "torture"
NAMES: Final = ("plain", "ordered", "picky")
CONCURRENCY: Final = 5
LEASE: Final = 2.0
"""Seconds after which the events of a killed process come back."""

_PACE: Final = 0.002
_PICKY: Final = {"source": [SOURCE], "detail": {"number": [{"numeric": [">=", 0]}]}}


def shop_bus(folder: Path, *, transactions: bool) -> EventBus:
    """The bus, for the processes that work and for the one that publishes."""
    journal = Journal(folder / "journal")
    # A killed process costs an attempt, and there are many of them.
    retry = Retry(attempts=1_000, first=0.01, longest=0.05)
    router = Router("shop")

    async def note(event: Event, name: str) -> None:
        await anyio.sleep(_PACE)
        journal.add(name, event.detail["number"])

    async def plain(event: Event) -> None:
        await note(event, "plain")

    async def ordered(event: Event) -> None:
        await note(event, "ordered")

    async def picky(event: Event) -> None:
        await note(event, "picky")

    def book(event: Event, db: sqlite3.Connection, name: str) -> None:
        db.execute("INSERT INTO effects VALUES (?, ?)", (name, event.detail["number"]))
        journal.add(name, event.detail["number"])

    def plain_row(event: Event, db: Annotated[sqlite3.Connection, Transaction]) -> None:
        book(event, db, "plain")

    async def ordered_row(event: Event, db: Annotated[sqlite3.Connection, Transaction]) -> None:
        book(event, db, "ordered")

    async def picky_row(event: Event, db: Annotated[sqlite3.Connection, Transaction]) -> None:
        book(event, db, "picky")

    places: tuple[tuple[str, Mapping[str, object], str | None], ...] = (
        ("plain", {"source": [SOURCE]}, None),
        ("ordered", {"source": [SOURCE]}, "key"),
        ("picky", _PICKY, None),
    )
    handlers = _either(
        (plain_row, ordered_row, picky_row), (plain, ordered, picky), first=transactions
    )
    for (name, pattern, key), handler in zip(places, handlers, strict=True):
        router.subscribe(
            pattern,
            name=name,
            ordered_by=key,
            retry=retry,
            visibility_timeout=LEASE,
            idempotent=transactions,
        )(handler)
    made = EventBus(
        "sqlite",
        options={"path": str(folder / "events.db"), "poll_interval": 0.02, "busy_timeout": 30},
        concurrency=CONCURRENCY,
        grace=10.0,
        idempotency_store=SQLiteStore(folder / "effects.db", on_connect=_prepare),
    )
    made.include(router)
    return made


def _either(
    one: tuple[Callable[..., object], ...], other: tuple[Callable[..., object], ...], *, first: bool
) -> tuple[Callable[..., object], ...]:
    return one if first else other


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS effects (subscription TEXT, number INTEGER)")


if "TORTURE_FOLDER" in os.environ:
    leash.hold()
    bus = shop_bus(
        Path(os.environ["TORTURE_FOLDER"]), transactions="TORTURE_TRANSACTIONS" in os.environ
    )
