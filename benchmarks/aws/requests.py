"""`python -m benchmarks.aws.requests`: how many requests events cost on AWS, by kind."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio

from eventroute import Event, EventBus, Router
from tools.torture.children import until
from tools.torture.wire.station import at_work, station

__all__ = ["Requests", "main", "measure"]

KINDS: Final = {
    "PublishBatch": "publish",
    "PutEvents": "publish",
    "ReceiveMessage": "receive",
    "DeleteMessageBatch": "delete",
    "ChangeMessageVisibilityBatch": "extend",
}
_SUBSCRIPTIONS: Final = 3
_BATCH: Final = 10
_REQUEST: Final = {"sns": 0.50e-6, "eventbridge": 0.0}
"""USD a request of up to 64 KB that publishes, delivery to SQS included: the list price of standard
topics in us-east-1."""

_EVENT: Final = {"sns": 0.0, "eventbridge": 1.00e-6}
"""USD an event of up to 64 KB, whatever request it shares: that of custom events."""

_SQS: Final = 0.40e-6
"""USD a request of up to 64 KB to a standard queue."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What went over the wire.

    :ivar kinds: requests by kind.
    :ivar filled: messages that receives brought, and how many receives brought so many.
    """

    events: int
    kinds: Counter[str]
    filled: Counter[int]
    backend: str = "sns"

    @property
    def total(self) -> int:
        """Requests of all kinds."""
        return self.kinds.total()

    @property
    def least(self) -> int:
        """As few as can be: every batch is full."""
        batches = -(-self.events // _BATCH)
        return batches * (1 + 2 * _SUBSCRIPTIONS)

    @property
    def dollars(self) -> float:
        """List price: SNS and SQS charge requests, EventBridge charges events."""
        publishes = self.kinds["publish"]
        published = publishes * _REQUEST[self.backend] + self.events * _EVENT[self.backend]
        return published + (self.total - publishes) * _SQS


async def measure(
    folder: Path,
    events: int,
    callers: int,
    *,
    backend: str = "sns",
    backlog: bool = False,
    rate: float = inf,
    work: float = 0,
    concurrency: int = 10,
) -> Requests:
    """Publish from many tasks at once, and handle.

    :param backend: ``"sns"`` or ``"eventbridge"``.
    :param backlog: begin to handle when everything is published.
    :param rate: events a second, of all callers together.
    :param concurrency: handlers of a subscription at once.
    :param work: seconds that a handler waits for something; 0 does not wait at all.
    """
    handled: Counter[str] = Counter()
    router = Router("shop")

    def subscribe(name: str) -> None:
        @router.subscribe({"source": ["shop.orders"]}, name=name)
        async def handle(event: Event) -> None:  # noqa: ARG001  its annotation is what it gets
            if work:
                await anyio.sleep(work)
            handled[name] += 1

    for number in range(_SUBSCRIPTIONS):
        subscribe(f"s{number}")
    async with station(folder) as place:
        # The queue of delayed events would be asked for, and polled, beside what is counted.
        options = place.options(delays="off")
        bus = EventBus(backend, options=options, concurrency=concurrency)
        bus.include(router)
        async with bus:
            place.proxy.log.clear()
            if backlog:
                await _publish(bus, events, callers, rate)
            async with at_work(bus):
                if not backlog:
                    await _publish(bus, events, callers, rate)
                await until(
                    lambda: handled.total() == events * _SUBSCRIPTIONS, "all events are handled"
                )
                await until(lambda: _is_settled(bus, events), "all events are settled")
                log = [one for one in place.proxy.log if one.status == 200]
                bus.stop()
                await place.proxy.stop()  # the polls that wait need not be waited for
    kinds = Counter(KINDS.get(one.action, one.action) for one in log)
    brought = Counter(one.messages for one in log if one.action == "ReceiveMessage")
    return Requests(events, kinds, brought, backend)


async def _publish(bus: EventBus, events: int, callers: int, rate: float) -> None:
    async def caller(first: int) -> None:
        await anyio.sleep(first / rate)
        for number in range(first, events, callers):
            if number >= callers:
                await anyio.sleep(callers / rate)
            await bus.publish(Event("shop.orders", "OrderPlaced", {"number": number}))

    async with anyio.create_task_group() as tasks:
        for first in range(callers):
            tasks.start_soon(caller, first)


def _is_settled(bus: EventBus, events: int) -> bool:
    return all(bus.counts(f"s{number}").handled == events for number in range(_SUBSCRIPTIONS))


async def _measure_all(backend: str, events: int, callers: int, rate: float) -> None:
    print("| | requests | publish | receive | delete | extend | above the least | USD |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    slow = {"backlog": True, "work": 0.05}
    cases: dict[str, dict[str, Any]] = {
        "a backlog": {"backlog": True},
        "as they come, at full speed": {},
        f"as they come, {rate:g} a second": {"rate": rate},
        "a backlog, handlers wait 50 ms": slow,
        "the same, `concurrency = 50`": {**slow, "concurrency": 50},
    }
    for name, case in cases.items():
        with TemporaryDirectory() as folder:
            found = await measure(Path(folder), events, callers, backend=backend, **case)
        kinds = " | ".join(f"{found.kinds[kind]:,}" for kind in dict.fromkeys(KINDS.values()))
        above = found.total / found.least - 1
        print(f"| {name} | {found.total:,} | {kinds} | {above:+.1%} | {found.dollars:.6f} |")


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws.requests", description=__doc__)
    parser.add_argument("--backend", choices=list(_REQUEST), default="sns")
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--callers", type=int, default=100, help="tasks that publish")
    parser.add_argument("--rate", type=float, default=100.0, help="events a second, where paced")
    given = parser.parse_args()
    asyncio.run(_measure_all(given.backend, given.events, given.callers, given.rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
