"""Committing programs and relays are killed, and what is published is what was committed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import anyio
from sqlalchemy import func, select

from eventroute import Event, EventBus, Router
from tools.torture.apps.orders import (
    BATCH,
    OUTBOX,
    SOURCE,
    TABLE,
    WRITERS,
    engine_of,
    is_rolled_back,
)
from tools.torture.check import Check, disorder, lost, repeated, strangers
from tools.torture.children import Herd, TortureError, until
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Kind", "Record", "judge", "run"]

Kind: TypeAlias = Literal["publish_in", "outbox"]

_RELAYS: Final = 2


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar tried: orders whose transaction was begun.
    :ivar told: orders whose commit had returned in the program that made them.
    :ivar refused: orders whose transaction was rolled back on purpose.
    :ivar committed: number and key of orders in the database, in the order of their transactions.
    :ivar published: number and key of events that came to a subscriber, in order.
    """

    kills: int = 0
    relay_kills: int = 0
    tried: set[int] = field(default_factory=set)
    told: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    committed: list[tuple[int, str]] = field(default_factory=list)
    published: list[tuple[int, str]] = field(default_factory=list)


async def run(folder: Path, kind: Kind, *, transactions: int, kills: int, seed: int) -> Record:
    """Kill somewhere in a transaction, or in the middle of a relay's work.

    :param transactions: at least as many are made; more where the kills take their time.
    :raises TortureError: a program does not do what it should.
    """
    random = Random(seed)
    record = Record()
    database = folder / ("events.db" if kind == "publish_in" else "shop.db")
    bus = _bus(folder, record)
    async with bus:
        _create(database, kind)
        programs = [_committing(kind, writer, transactions, seed) for writer in range(WRITERS)]
        if kind == "outbox":
            programs += [["tools.torture.apps.relaying"]] * _RELAYS
        with (
            closing(Journal(folder / "journal")) as journal,
            Herd(folder, {"TORTURE_FOLDER": str(folder)}) as herd,
        ):
            children = [herd.start(*program) for program in programs]
            steps = 3 * transactions // (kills + 1)
            while record.kills < kills:
                moment = journal.count() + random.randrange(1, max(2, 2 * steps))
                await until(
                    lambda moment=moment: journal.count() >= moment, "orders come", *children
                )
                await anyio.sleep(random.uniform(0, 0.005))  # anywhere between two steps
                place = random.randrange(len(programs))
                children[place].kill()
                children[place] = herd.start(*programs[place])
                record.kills += 1
                record.relay_kills += place >= WRITERS
            (folder / "enough").touch()
            codes = [await child.ended() for child in children[:WRITERS]]
            if any(codes):
                raise TortureError("\n".join(child.said() for child in children[:WRITERS]))
            if kind == "outbox":
                await until(
                    lambda: not _waiting(database), "the outbox is empty", *children[WRITERS:]
                )
            _read(record, journal, seed)
        record.committed = _orders(database)
        await bus.run(until_empty=True)
    return record


def judge(record: Record, kind: Kind) -> list[Check]:
    """Hold what happened against what is promised."""
    order: defaultdict[str, list[int]] = defaultdict(list)
    for number, key in record.committed:
        order[key].append(number)
    came: defaultdict[str, list[int]] = defaultdict(list)
    for number, key in record.published:
        came[key].append(number)
    numbers = [number for number, _ in record.committed]
    rolled_back = {number for number, _ in record.published} & set(record.refused)
    again = repeated(record.published)
    limit = 0 if kind == "publish_in" else record.relay_kills * BATCH
    return [
        Check("transactions", len(record.tried)),
        Check("rolled back", len(record.refused)),
        Check("kill -9", record.kills),
        *([] if kind == "publish_in" else [Check("kill -9 of a relay", record.relay_kills)]),
        Check.none_of("committed, then gone", lost(record.told, numbers)),
        Check.none_of("committed, not published", lost(record.committed, record.published)),
        Check.none_of("published, not committed", strangers(record.committed, record.published)),
        Check.none_of("rolled back, but published", rolled_back),
        Check.none_of("out of order within a key", disorder(came, order)),
        Check("published again", len(again), most=limit),
    ]


def _bus(folder: Path, record: Record) -> EventBus:
    router = Router("sink")

    @router.subscribe({"source": [SOURCE]}, ordered_by="key")
    async def receive(event: Event) -> None:
        record.published.append((event.detail["number"], event.detail["key"]))

    options = {"path": str(folder / "events.db"), "busy_timeout": 30}
    bus = EventBus("sqlite", options=options)
    bus.include(router)
    return bus


def _committing(kind: Kind, writer: int, transactions: int, seed: int) -> list[str]:
    numbers = map(str, (writer, transactions, seed))
    return ["tools.torture.apps.committing", kind, *numbers]


def _create(database: Path, kind: Kind) -> None:
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute(TABLE)
    if kind == "outbox":
        engine = engine_of(database)
        OUTBOX.metadata.create_all(engine)
        engine.dispose()


def _waiting(database: Path) -> int:
    engine = engine_of(database)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(OUTBOX)) or 0
    finally:
        engine.dispose()


def _read(record: Record, journal: Journal, seed: int) -> None:
    for phase, word in journal.lines():
        number = int(word)
        if phase != "finished":
            record.tried.add(number)
        if phase == "committed":
            record.told.append(number)
    record.refused = sorted(number for number in record.tried if is_rolled_back(seed, number))


def _orders(database: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        return connection.execute("SELECT number, key FROM orders ORDER BY place").fetchall()
