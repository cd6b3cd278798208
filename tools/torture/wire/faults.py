"""Events go through a network that breaks, and every acknowledged one arrives."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import TYPE_CHECKING, Final

import anyio

from eventroute import Event, EventBus, Retry, Router
from eventroute.errors import EventRouteError
from eventroute.idempotency.memory import MemoryStore
from tools.torture.check import Check, lost, repeated, strangers
from tools.torture.children import until
from tools.torture.wire.station import at_work, station
from tools.torture.wire.weather import PUBLISHES, Forecast, Weather

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.emulators.proxy import Request
    from tools.torture.wire.station import Backend, Station

__all__ = ["NAMES", "Plan", "Record", "judge", "run"]

NAMES: Final = ("plain", "picky", "once")
"""Subscriptions; the last one is idempotent."""

_SOURCE: Final = "torture"
_BY_TOPIC: Final = "torture.topic"
"""Half of the events on the backend ``aws``, where SNS carries them and EventBridge the others."""

_PUBLISHERS: Final = 20
_LEASE: Final = 5.0
_READ_TIMEOUT: Final = 1.5
_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much goes wrong.

    :ivar blackhole: seconds.
    """

    events: int
    resets: int
    cuts: int
    blackholes: int
    blackhole: float
    restarts: int


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar acknowledged: numbers whose publish succeeded.
    :ivar effects: numbers that each subscription handled.
    :ivar unheard: entries of publishes that nobody was told the outcome of.
    :ivar unsettled: handled events whose settlement the backend did not confirm.
    """

    plan: Plan
    acknowledged: list[int] = field(default_factory=list[int])
    effects: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    unheard: int = 0
    unsettled: Counter[str] = field(default_factory=Counter[str])
    dead: int = 0
    befell: Counter[str] = field(default_factory=Counter[str])


async def run(folder: Path, plan: Plan, *, seed: int, backend: Backend = "sns") -> Record:
    """Publish and handle while the weather is bad.

    :raises TortureError: it has no end.
    """
    record = Record(plan)
    random = Random(seed)
    sources = [_SOURCE, _BY_TOPIC] if backend == "aws" else [_SOURCE]
    weather = Weather(Forecast(plan.resets, plan.cuts), random)
    async with station(folder, keep=True) as place:
        bus = _bus(place, record, backend, sources)
        async with at_work(bus):
            place.proxy.plan(weather, times=inf)
            async with anyio.create_task_group() as tasks:
                for first in range(_PUBLISHERS):
                    tasks.start_soon(_publish, bus, record, sources, first)
                await _disturb(place, record, weather)
            place.proxy.calm()
            await until(lambda: _is_empty(bus), "the queues are empty", seconds=_SECONDS)
            record.dead = sum([(await bus.depth(name)).dead for name in NAMES])
        record.unsettled.update({name: bus.counts(name).lost for name in NAMES})
        publishes = [one for one in place.proxy.log if one.action in PUBLISHES]
        record.unheard = sum(map(_unheard, publishes))
    record.befell = weather.befell
    return record


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""
    plan, befell = record.plan, record.befell
    numbers = range(plan.events)
    return [
        Check("events", plan.events),
        Check("connection resets", befell["resets"], least=plan.resets),
        Check("answers cut", befell["cut answers"], least=plan.cuts),
        Check.exactly("blackholes", befell["blackholes"], plan.blackholes),
        Check("  requests in them", befell["requests into a blackhole"], least=1),
        Check.exactly("emulator restarts", befell["restarts"], plan.restarts),
        Check("throttled requests", befell["throttled requests"], least=1),
        Check("failed batch entries", befell["failed entries"], least=1),
        Check("  of publishes", befell["failed publishes"], least=1),
        Check("published entries without an answer", record.unheard),
        Check("publishes that were not acknowledged", plan.events - len(record.acknowledged)),
        *(
            Check.none_of(f"{name}: lost", lost(record.acknowledged, record.effects[name]))
            for name in NAMES
        ),
        *(
            Check.none_of(f"{name}: out of nowhere", strangers(numbers, record.effects[name]))
            for name in NAMES
        ),
        *(
            Check(
                f"{name}: handled again",
                len(repeated(record.effects[name])),
                most=record.unheard + record.unsettled[name],
            )
            for name in NAMES[:-1]
        ),
        Check.none_of(f"{NAMES[-1]}: handled again", repeated(record.effects[NAMES[-1]])),
        Check("dead letters", record.dead, 0, 0),
    ]


def _bus(place: Station, record: Record, backend: Backend, sources: Sequence[str]) -> EventBus:
    router = Router("wire")
    retry = Retry(attempts=900, first=0.01, longest=0.05)

    def note(name: str) -> None:
        pattern = {"source": sources, "detail": {"n": [{"numeric": [">=", 0]}]}}

        @router.subscribe(
            pattern if name == "picky" else {"source": sources},
            name=name,
            retry=retry,
            visibility_timeout=_LEASE,
            idempotent=name == NAMES[-1],
        )
        async def handle(event: Event) -> None:
            record.effects[name].append(event.detail["n"])

    for name in NAMES:
        note(name)
    more = {"sources": {_BY_TOPIC: "sns"}} if backend == "aws" else {}
    options = place.options(
        poll_wait=1, read_timeout=_READ_TIMEOUT, connect_timeout=_READ_TIMEOUT, **more
    )
    bus = EventBus(
        backend,
        options=options,
        idempotency_store=MemoryStore(),
        publish_timeout=120.0,
        grace=10.0,
    )
    bus.include(router)
    return bus


async def _publish(bus: EventBus, record: Record, sources: Sequence[str], first: int) -> None:
    for n in range(first, record.plan.events, _PUBLISHERS):
        try:
            await bus.publish(Event(sources[n % len(sources)], "T", {"n": n}))
        except EventRouteError:
            continue  # refused, and the caller was told
        record.acknowledged.append(n)


async def _disturb(place: Station, record: Record, weather: Weather) -> None:
    """Let blackholes and restarts come while a share of the events is on its way."""
    plan = record.plan
    disasters = ["blackhole"] * plan.blackholes + ["restart"] * plan.restarts
    weather.random.shuffle(disasters)
    for number, disaster in enumerate(disasters, 1):
        part = plan.events * number // (len(disasters) + 1)
        await until(
            lambda part=part: len(record.acknowledged) >= part, "events are taken", seconds=_SECONDS
        )
        if disaster == "blackhole":
            weather.fall_silent(plan.blackhole)
            await anyio.sleep(plan.blackhole)
        else:
            weather.befell["restarts"] += 1
            await place.restart()
    while not weather.is_over:  # the polls of idle workers are enough for what is left
        await anyio.sleep(0.05)


def _unheard(request: Request) -> int:
    return 0 if request.status else request.entries


async def _is_empty(bus: EventBus) -> bool:
    try:
        return not any([(await bus.depth(name)).outstanding for name in NAMES])
    except EventRouteError:
        return False
