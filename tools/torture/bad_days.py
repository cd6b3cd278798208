"""A small shop on a thousand bad days: each seed is another plan of faults."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

import anyio
import anyio.lowlevel

from eventroute import DeadLetter, Delivery, Event, Publisher, Retry, Router
from eventroute.errors import EventRouteError
from eventroute.testing import FaultKind, Faults, TestBus
from tools.torture.check import Check, disorder, lost, repeated, strangers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


__all__ = ["PATIENT", "Day", "broken", "judge", "live", "live_many", "plan_of", "shop"]

_ORDERS: Final = 9
_KEYS: Final = ("a", "b", "c")
_LARGE: Final = 6
_NOTES: Final = 6
_CHANCES: Final = (0.05, 0.1, 0.2, 0.3, 0.5)
_EACH_TIME: Final = 25
"""Each such seed has all that can go wrong go wrong each time, as often as the plan allows."""

PATIENT: Final = Retry(attempts=12)
"""Crashes and lost leases cost two attempts each; the rest is for handlers that fail."""

_IMPATIENT: Final = Retry(attempts=2)
_REASONS: Final = {"attempts-exhausted"}
_AT_ONCE: Final = 8


@dataclass(slots=True)
class Day:
    """What happened with one seed.

    :ivar expected: numbers that must reach each subscription.
    :ivar effects: numbers, in the order in which handlers came to their end.
    :ivar dead: numbers and reasons of dead letters.
    :ivar ordered: subscriptions that keep the order of a key.
    :ivar once: subscriptions that have one effect for each event.
    :ivar refused: publishes that failed for good.
    :ivar stuck: why the day had no end; empty where it had.
    """

    seed: int
    plan: str = ""
    expected: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    effects: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    dead: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    ordered: tuple[str, ...] = ("bill", "book")
    once: tuple[str, ...] = ("book", "send")
    refused: list[str] = field(default_factory=list[str])
    stuck: str = ""
    faults: Counter[FaultKind] = field(default_factory=Counter[FaultKind])


def shop(day: Day) -> Router:
    """Orders are billed and booked in order, each bill is sent once, and some are refused."""
    router = Router("shop")
    orders = {"source": ["order"]}

    def fails(name: str, delivery: Delivery, times: int) -> bool:
        draw = Random(f"{day.seed} {name} {delivery.event.detail['n']}")
        return draw.random() < 0.3 and delivery.attempt <= times

    @router.subscribe(orders, ordered_by="key", retry=PATIENT)
    async def bill(event: Event, delivery: Delivery, bus: Publisher) -> None:
        if fails("bill", delivery, 2):
            raise ConnectionError("bill")
        n = event.detail["n"]
        # The same id each time: what is billed again is not sent again.
        await bus.publish(Event("invoice", "T", {"n": n}, id=f"invoice-{n}"))
        day.effects["bill"].append(n)

    @router.subscribe(orders, ordered_by="key", retry=PATIENT, idempotent=True)
    async def book(event: Event, delivery: Delivery) -> None:
        if fails("book", delivery, 2):
            raise ConnectionError("book")
        await anyio.lowlevel.checkpoint()
        day.effects["book"].append(event.detail["n"])

    @router.subscribe({"source": ["invoice", "note"]}, retry=PATIENT, idempotent=True)
    async def send(event: Event, delivery: Delivery) -> None:
        if fails("send", delivery, 1):
            raise ConnectionError("send")
        day.effects["send"].append(event.detail["n"])

    @router.subscribe({"detail": {"n": [{"numeric": [">=", _LARGE]}]}}, retry=PATIENT)
    async def count(event: Event) -> None:
        day.effects["count"].append(event.detail["n"])

    @router.subscribe(orders, retry=_IMPATIENT)
    async def review(event: Event, delivery: Delivery) -> None:
        if fails("review", delivery, 2):
            raise ValueError("review")
        day.effects["review"].append(event.detail["n"])

    return router


def plan_of(seed: int) -> Faults:
    """The plan of a seed: every other one has publishes that fail or are not answered, too."""
    chance = 1.0 if seed % _EACH_TIME == _EACH_TIME - 1 else _CHANCES[seed // 2 % len(_CHANCES)]
    plan = Faults.after_publish(chance, seed=seed)
    return plan if seed % 2 else replace(plan, fail_publish=chance, drop_answer=chance)


async def live(seed: int, shop: Callable[[Day], Router] = shop) -> Day:
    """Live one day.

    :param shop: declares the subscriptions that note in the day what they did.
    """
    plan = plan_of(seed)
    day = Day(seed, str(plan))
    orders = list(range(_ORDERS))
    notes = list(range(_ORDERS, _ORDERS + _NOTES))
    sent = [*orders, *notes]
    day.expected = {
        "bill": orders,
        "book": orders,
        "send": sent,
        "count": [n for n in sent if n >= _LARGE],
        "review": orders,
    }
    try:
        async with TestBus(shop(day), faults=plan, seed=seed, publish_timeout=30.0) as bus:
            async with anyio.create_task_group() as publishers:
                for key in _KEYS:
                    publishers.start_soon(_order, bus, day, key)
                publishers.start_soon(_note, bus, day, notes)
            await bus.settled(timeout=60.0)
            for name in day.expected:
                day.dead[name] = [_buried(letter) for letter in await bus.dlq(name).list(limit=99)]
            day.faults.update(one.kind for one in bus.faults.injected)
    except TimeoutError as error:
        day.stuck = str(error)
    return day


async def _order(bus: TestBus, day: Day, key: str) -> None:
    """One after the other: the next order of a customer follows when this one is accepted."""
    for n in range(_ORDERS):
        if _key(n) == key:
            try:
                await bus.publish(Event("order", "T", {"n": n, "key": key}))
            except EventRouteError as error:
                day.refused.append(f"{n}: {error}")


async def _note(bus: TestBus, day: Day, numbers: Sequence[int]) -> None:
    try:
        await bus.publish_many([Event("note", "T", {"n": n}) for n in numbers])
    except EventRouteError as error:
        day.refused.append(f"notes: {error}")


def _key(number: int) -> str:
    return _KEYS[number % len(_KEYS)]


def _buried(letter: DeadLetter) -> tuple[int, str]:
    return Event.from_json(letter.body).detail["n"], letter.reason


def broken(day: Day) -> Mapping[str, list[str]]:
    """Promises that were broken, each with what breaks it."""
    found: defaultdict[str, list[str]] = defaultdict(list)

    def note(what: str, name: str, items: Iterable[object]) -> None:
        found[what] += [f"seed {day.seed}, {name}: {one}" for one in items]

    note("days without an end", "settled", filter(None, [day.stuck]))
    note("publishes that failed", "publish", day.refused)
    for name, numbers in day.expected.items():
        effects = day.effects[name]
        dead = [number for number, _ in day.dead[name]]
        note("neither handled nor dead-lettered", name, lost(numbers, [*effects, *dead]))
        note("handled though it does not match", name, strangers(numbers, [*effects, *dead]))
        wrong = [letter for letter in day.dead[name] if letter[1] not in _REASONS]
        note("dead letters without their reason", name, wrong)
        if name != "review":
            note("dead letters that nothing explains", name, dead)
    for name in day.ordered:
        seen = {key: [n for n in day.effects[name] if _key(n) == key] for key in _KEYS}
        order = {key: [n for n in range(_ORDERS) if _key(n) == key] for key in _KEYS}
        note("out of order within a key", name, disorder(seen, order))
    for name in day.once:
        note("second effects", name, repeated(day.effects[name]))
    return found


def live_many(seeds: Iterable[int]) -> list[Day]:
    """Live many days, some at the same time: most of a day is a pause of the publishers."""

    def one(seed: int) -> Day:
        backend = "trio" if seed // 8 % 2 else "asyncio"
        return anyio.run(partial(live, seed), backend=backend)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(one, seeds))


_PROMISES: Final = (
    "days without an end",
    "publishes that failed",
    "neither handled nor dead-lettered",
    "handled though it does not match",
    "dead letters without their reason",
    "dead letters that nothing explains",
    "out of order within a key",
    "second effects",
)


def judge(days: Sequence[Day]) -> list[Check]:
    """Hold what happened against what is promised."""
    found = [broken(day) for day in days]
    faults = sum((day.faults for day in days), Counter[FaultKind]())
    again = sum(len(repeated(day.effects[name])) for day in days for name in ("bill", "review"))
    buried = sum(len(letters) for day in days for letters in day.dead.values())
    return [
        Check("seeds", len(days)),
        Check("faults", faults.total()),
        *(Check(f"  {kind.value}", faults[kind], least=1) for kind in FaultKind),
        Check("handled again where nothing forbids it", again),
        Check("dead letters with a reason", buried),
        *(
            Check.none_of(promise, [one for each in found for one in each.get(promise, ())])
            for promise in _PROMISES
        ),
    ]
