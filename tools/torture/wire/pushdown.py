"""Random rules on SNS: what it delivers, what matches, and what handlers see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute import Event, EventBus, Pattern, Router
from eventroute_aws import create_sns
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.filters import filter_of
from tools.torture.check import Check, lost, strangers
from tools.torture.wire.rules import SOURCE, detail, pattern
from tools.torture.wire.station import station

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eventroute.clock import Clock
    from eventroute.port import Adapter, Delivery
    from tools.torture.wire.station import Station

__all__ = ["Record", "judge", "run"]

Pairs: TypeAlias = "set[tuple[str, int]]"

_LAG: Final = 0.5


@dataclass(slots=True)
class Record:
    """What happened. Pairs are a subscription and the number of an event.

    :ivar native: subscriptions whose queue has a filter policy.
    :ivar matching: pairs that belong together, tried one by one.
    :ivar delivered: pairs that SNS put into the queue.
    :ivar seen: pairs that a handler saw.
    :ivar told: what a pair is, for whoever has to find the reason.
    """

    pairs: int = 0
    native: int = 0
    matching: Pairs = field(default_factory=set[tuple[str, int]])
    delivered: Pairs = field(default_factory=set[tuple[str, int]])
    seen: Pairs = field(default_factory=set[tuple[str, int]])
    told: defaultdict[tuple[str, int], str] = field(default_factory=lambda: defaultdict(str))


async def run(folder: Path, *, patterns: int, events: int, seed: int) -> Record:
    """Publish each event once, for all patterns."""
    random = Random(seed)
    rules = {f"rule{number}": pattern(random) for number in range(patterns)}
    sent = [Event(SOURCE, "T", {"n": n, **detail(random)}) for n in range(events)]
    record = Record(patterns * events)
    for name, rule in rules.items():
        compiled = Pattern(rule)
        record.native += filter_of(compiled, SnsOptions()) is not None
        for event in sent:
            pair = (name, event.detail["n"])
            record.told[pair] = f"{rule['detail']} on {event.detail}"
            if compiled.matches(event):
                record.matching.add(pair)
    async with station(folder) as place:
        bus = _bus(place, rules, record)
        async with bus:
            await bus.publish_many(sent)
        await bus.run(handle_signals=False, until_empty=True)
    return record


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""

    def told(pairs: Sequence[tuple[str, int]]) -> list[str]:
        return [f"{name}, event {n}: {record.told[name, n]}" for name, n in pairs]

    beyond = strangers(record.matching, record.delivered)
    return [
        Check("pairs of a pattern and an event", record.pairs),
        Check("patterns that SNS filters", record.native, least=1),
        Check("pairs that match", len(record.matching), least=1),
        Check("pairs that SNS left out", record.pairs - len(record.delivered), least=1),
        Check("pairs that it delivered, and that do not match", len(beyond)),
        Check.none_of(
            "pairs that match, and were not delivered",
            told(lost(record.matching, record.delivered)),
        ),
        Check.none_of(
            "pairs that match, and no handler saw", told(lost(record.matching, record.seen))
        ),
        Check.none_of(
            "pairs that do not match, and a handler saw",
            told(strangers(record.matching, record.seen)),
        ),
    ]


def _bus(place: Station, rules: Mapping[str, Mapping[str, Any]], record: Record) -> EventBus:
    router = Router("wire")

    def subscribe(name: str, rule: Mapping[str, Any]) -> None:
        @router.subscribe(Pattern(rule), name=name)
        async def handle(event: Event) -> None:
            record.seen.add((name, event.detail["n"]))

    for name, rule in rules.items():
        subscribe(name, rule)

    def spied(options: Mapping[str, object], clock: Clock) -> Adapter:
        adapter = create_sns(options, clock)
        receive = adapter.receive

        async def noted(subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
            received = await receive(subscription, limit=limit, wait=wait)
            name = subscription.rpartition(".")[2]
            record.delivered.update((name, one.event.detail["n"]) for one in received)
            return received

        adapter.receive = noted  # type: ignore[method-assign]  # a spy: counts, changes nothing
        return adapter

    bus = EventBus(spied, options=place.options(poll_wait=1, fan_out_lag=_LAG))
    bus.include(router)
    return bus
