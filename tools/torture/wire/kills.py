"""Workers on SQS queues are killed and started again, and no event is lost or out of order."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

import anyio

from eventroute import Event
from eventroute.errors import EventRouteError
from tools.torture.apps.queues import (
    CONCURRENCY,
    KEYS,
    NAMES,
    is_poison,
    key_of,
    queues_bus,
    source_of,
    takes,
)
from tools.torture.check import Check, disorder, lost, repeated, strangers
from tools.torture.children import Child, Herd, until
from tools.torture.journal import Journal
from tools.torture.wire.station import station

if TYPE_CHECKING:
    from pathlib import Path

    from eventroute import EventBus
    from tools.torture.apps.queues import Shop
    from tools.torture.wire.station import Backend

__all__ = ["UNSETTLED", "Record", "judge", "run"]

UNSETTLED: Final = CONCURRENCY + 20
"""Most events of a subscription that a process has begun and not settled: those in its slots, and
two batches of settlements, one under way and one that gathers."""

_WORKERS: Final = 2
_READY: Final = "working on "


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar calls: subscription and number of each handler that came to its end, in order.
    :ivar dead: numbers in the dead-letter queue, by subscription.
    :ivar stopped: exit statuses of the workers that were asked to stop.
    """

    shop: Shop
    events: int
    kills: int = 0
    calls: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    dead: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    stopped: list[int] = field(default_factory=list[int])


async def run(
    folder: Path, shop: Shop, *, events: int, kills: int, seed: int, backend: Backend = "sns"
) -> Record:
    """Publish in portions, and kill in the middle of each.

    :raises TortureError: a worker does not do what it should.
    """
    random = Random(seed)
    record = Record(shop, events)
    portion = events // (kills + 1)
    async with station(folder) as place:
        endpoint = place.emulator.url
        env = {
            "TORTURE_FOLDER": str(folder),
            "TORTURE_ENDPOINT": endpoint,
            "TORTURE_SHOP": shop,
            "TORTURE_BACKEND": backend,
        }
        bus = queues_bus(shop, backend, folder, endpoint)
        journal = Journal(folder / "journal")
        with closing(journal), Herd(folder, env) as herd:
            async with bus:
                workers = [_start(herd) for _ in range(_WORKERS)]
                await _ready(workers)
                for number in range(kills):
                    # Counted first: the workers do not wait until everything is published.
                    moment = journal.count() + random.randrange(1, portion)
                    await _publish(bus, shop, range(number * portion, (number + 1) * portion))
                    await until(
                        lambda moment=moment: journal.count() >= moment, "they work", *workers
                    )
                    await anyio.sleep(random.uniform(0, 0.01))  # anywhere between two lines
                    victim = random.randrange(_WORKERS)
                    workers[victim].kill()
                    record.kills += 1
                    workers[victim] = _start(herd)
                    await _ready(workers)
                await _publish(bus, shop, range(kills * portion, events))
                await until(lambda: _is_empty(bus, shop), "the queues are empty", *workers)
                for name in NAMES[shop]:
                    letters = await bus.dlq(name).list(limit=None)
                    record.dead[name] = [
                        Event.from_json(one.body).detail["number"] for one in letters
                    ]
            for worker in workers:
                worker.terminate()
            record.stopped = [await worker.ended() for worker in workers]
            record.calls = [(name, int(number)) for name, number in journal.lines()]
    return record


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""
    shop, names = record.shop, NAMES[record.shop]
    numbers = range(record.events)
    poison = [number for number in numbers if is_poison(number)] if "poisoned" in names else []
    expected = [(name, n) for name in names for n in numbers if takes(shop, name, n)]
    handled = [(name, number) for name, number in record.calls if name in names]
    dead = [(name, number) for name, letters in record.dead.items() for number in letters]
    buried = [("poisoned", number) for number in poison]
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for name, number in record.calls:
        if name == "ordered":
            by_key[key_of(number)].append(number)
    order = {key_of(first): range(first, record.events, KEYS) for first in range(KEYS)}
    again = len(repeated(handled))
    checks = [
        Check("events", record.events),
        Check("kill -9", record.kills),
        Check.none_of("lost", lost(expected, handled)),
        Check.none_of("out of nowhere", strangers(expected, handled)),
        Check("handled again", again, most=record.kills * UNSETTLED * len(names)),
        Check.none_of("workers that did not stop cleanly", filter(None, record.stopped)),
        Check("dead letters", len(dead)),
        Check.none_of("  poison that is missing there", lost(buried, dead)),
        Check.none_of("  others there", strangers(buried, dead)),
    ]
    if "ordered" in names:
        checks += [
            Check("keys", len(by_key)),
            Check.none_of("out of order within a key", disorder(by_key, order)),
        ]
    return checks


def _start(herd: Herd) -> Child:
    return herd.start("eventroute", "run", "tools.torture.apps.queues:bus")


async def _ready(workers: list[Child]) -> None:
    await until(lambda: all(_READY in one.said() for one in workers), "they begin", *workers)


async def _publish(bus: EventBus, shop: Shop, numbers: range) -> None:
    await bus.publish_many(
        [Event(source_of(shop, n), "T", {"number": n, "key": key_of(n)}) for n in numbers]
    )


async def _is_empty(bus: EventBus, shop: Shop) -> bool:
    try:
        depths = [await bus.depth(name) for name in NAMES[shop]]
    except EventRouteError:
        return False
    return not any(depth.outstanding for depth in depths)
