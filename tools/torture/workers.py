"""Workers on one SQLite file are killed and started again, and no event is lost."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

import anyio

from eventroute import Event
from tools.torture.apps.shop import CONCURRENCY, NAMES, SOURCE, shop_bus
from tools.torture.check import Check, disorder, lost, repeated, strangers
from tools.torture.children import Child, Herd, until
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from eventroute import EventBus

__all__ = ["Record", "judge", "run"]

_KEYS: Final = 20
_WORKERS: Final = 2
_READY: Final = "working on 3 subscriptions"


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar calls: subscription and number of each handler that came to its end, in order.
    :ivar effects: of each effect that stays: the same, or rows that were committed.
    :ivar stopped: exit statuses of the workers that were asked to stop.
    """

    events: int
    kills: int = 0
    calls: list[tuple[str, int]] = field(default_factory=list)
    effects: list[tuple[str, int]] = field(default_factory=list)
    dead: int = 0
    stopped: list[int] = field(default_factory=list)


async def run(folder: Path, *, events: int, kills: int, seed: int, transactions: bool) -> Record:
    """Publish in portions, and kill in the middle of each.

    :raises TortureError: a worker does not do what it should.
    """
    random = Random(seed)
    record = Record(events)
    env = {"TORTURE_FOLDER": str(folder)} | ({"TORTURE_TRANSACTIONS": "1"} if transactions else {})
    bus = shop_bus(folder, transactions=transactions)
    journal = Journal(folder / "journal")
    portion = events // (kills + 1)
    published = 0
    with closing(journal), Herd(folder, env) as herd:
        async with bus:
            workers = [_start(herd) for _ in range(_WORKERS)]
            await _ready(workers)
            while record.kills < kills:
                # Counted before: the workers may be quicker than who publishes.
                moment = journal.count() + random.randrange(1, 2 * portion)
                await _publish(bus, range(published, published + portion))
                published += portion
                await until(
                    lambda moment=moment: journal.count() >= moment, "the workers work", *workers
                )
                await anyio.sleep(random.uniform(0, 0.005))  # anywhere between two lines
                together = random.random() < 0.2 and record.kills + _WORKERS <= kills
                for place in range(_WORKERS) if together else [random.randrange(_WORKERS)]:
                    workers[place].kill()
                    workers[place] = _start(herd)
                    record.kills += 1
                await _ready(workers)
            await _publish(bus, range(published, events))
            await until(lambda: _is_empty(bus), "the queues are empty", *workers)
            record.dead = sum([(await bus.depth(name)).dead for name in NAMES])
        for worker in workers:
            worker.terminate()
        record.stopped = [await worker.ended() for worker in workers]
        record.calls = [(name, int(number)) for name, number in journal.lines()]
    record.effects = _rows(folder) if transactions else list(record.calls)
    return record


def judge(record: Record, *, transactions: bool) -> list[Check]:
    """Hold what happened against what is promised."""
    numbers = range(record.events)
    expected = [(name, number) for name in NAMES for number in numbers]
    twice = repeated(record.effects)
    limit = record.kills * CONCURRENCY * len(NAMES)
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for name, number in record.calls:
        if name == "ordered":
            by_key[_key(number)].append(number)
    order = {_key(first): range(first, record.events, _KEYS) for first in range(_KEYS)}
    checks = [
        Check("events", record.events),
        Check("kill -9", record.kills),
        Check.none_of("lost", lost(expected, record.effects)),
        Check.none_of("out of nowhere", strangers(expected, record.effects)),
        Check.none_of("out of order within a key", disorder(by_key, order)),
        Check("dead letters", record.dead, 0, 0),
        Check.none_of("workers that did not stop cleanly", filter(None, record.stopped)),
    ]
    if transactions:
        checks += [
            Check("handlers called again", len(record.calls) - len(expected), most=limit),
            Check.exactly("effects", len(record.effects), len(expected)),
            Check.none_of("second effects", twice),
        ]
    else:
        checks.append(Check("handled again", len(twice), most=limit))
    return checks


def _start(herd: Herd) -> Child:
    return herd.start("eventroute", "run", "tools.torture.apps.shop:bus")


async def _ready(workers: list[Child]) -> None:
    await until(
        lambda: all(_READY in worker.said() for worker in workers), "the workers begin", *workers
    )


async def _publish(bus: EventBus, numbers: range) -> None:
    events = [Event(SOURCE, "T", {"number": n, "key": _key(n)}) for n in numbers]
    await bus.publish_many(events)


async def _is_empty(bus: EventBus) -> bool:
    return not any([(await bus.depth(name)).outstanding for name in NAMES])


def _key(number: int) -> str:
    return f"k{number % _KEYS}"


def _rows(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "effects.db")) as db:
        return db.execute("SELECT subscription, number FROM effects").fetchall()
