"""Every scenario, in its full and in its short form."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from tools.torture import bad_days, outboxes, soak, stopping, workers
from tools.torture.check import Check
from tools.torture.equivalence import comparing
from tools.torture.wire import faults, kills, pushdown, slow

if TYPE_CHECKING:
    from collections.abc import Generator

    from tools.torture.outboxes import Kind
    from tools.torture.wire.station import Backend

__all__ = ["SCENARIOS", "Scale", "Scenario"]

Run: TypeAlias = Callable[["Scale", int, Path], Awaitable[Sequence[Check]]]

_FULL_WEATHER: Final = faults.Plan(
    events=2_000, resets=20, cuts=20, blackholes=10, blackhole=5.0, restarts=2
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything: what is left out is the full form.

    :ivar warm_up: events of the soak before the first measurement.
    :ivar patterns: random ones, each of which is tried with each of the ``pattern_events``.
    :ivar lease: seconds of a visibility timeout, which slow handlers exceed.
    :ivar equal_seeds: random applications, each of which is given ``equal_events`` on each backend.
    """

    events: int = 2_000
    worker_kills: int = 30
    transactions: int = 1_000
    outbox_kills: int = 50
    stops: int = 100
    soaked: int = 1_000_000
    warm_up: int = 100_000
    seeds: int = 1_000
    weather: faults.Plan = _FULL_WEATHER
    queue_kills: int = 30
    ordered_events: int = 2_000
    ordered_kills: int = 10
    patterns: int = 60
    pattern_events: int = 12
    slow_handlers: int = 100
    lease: float = 3.0
    equal_seeds: int = 3
    equal_events: int = 2_000

    @classmethod
    def short(cls) -> Scale:
        """What shows within a minute that everything works."""
        return cls(
            events=150,
            worker_kills=3,
            transactions=100,
            outbox_kills=4,
            stops=3,
            soaked=36_000,
            warm_up=24_000,
            seeds=20,
            weather=faults.Plan(
                events=120, resets=3, cuts=2, blackholes=1, blackhole=2.0, restarts=1
            ),
            queue_kills=1,
            ordered_events=150,
            ordered_kills=1,
            patterns=8,
            pattern_events=8,
            slow_handlers=20,
            lease=1.0,
            equal_seeds=1,
            equal_events=200,
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario: its folder is gone afterwards.

    :ivar beside: whether it may run beside others, because it only waits for a process.
    """

    name: str
    run: Run
    beside: bool = False

    async def judged(self, scale: Scale, seed: int) -> Sequence[Check]:
        """Run it, and hold what happened against what is promised."""
        with tempfile.TemporaryDirectory(prefix="eventroute-torture-") as folder:
            return await self.run(scale, seed, Path(folder))


async def _workers(scale: Scale, seed: int, folder: Path, *, transactions: bool) -> Sequence[Check]:
    record = await workers.run(
        folder,
        events=scale.events,
        kills=scale.worker_kills,
        seed=seed,
        transactions=transactions,
    )
    return workers.judge(record, transactions=transactions)


async def _outbox(scale: Scale, seed: int, folder: Path, *, kind: Kind) -> Sequence[Check]:
    record = await outboxes.run(
        folder, kind, transactions=scale.transactions, kills=scale.outbox_kills, seed=seed
    )
    return outboxes.judge(record, kind)


async def _stopping(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    del seed
    return stopping.judge(await stopping.run(folder, stops=scale.stops))


async def _soak(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    del seed
    if not soak.can_measure():
        return [Check("skipped: this system has no /proc/self/statm", 0)]
    return soak.judge(await soak.run(folder, events=scale.soaked, warm_up=scale.warm_up))


async def _bad_days(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    del folder
    with _quietly():
        return bad_days.judge(bad_days.live_many(range(seed, seed + scale.seeds)))


async def _wire_faults(
    scale: Scale, seed: int, folder: Path, *, backend: Backend
) -> Sequence[Check]:
    with _quietly():
        record = await faults.run(folder, scale.weather, seed=seed, backend=backend)
    return faults.judge(record)


async def _queue_kills(
    scale: Scale, seed: int, folder: Path, *, backend: Backend
) -> Sequence[Check]:
    record = await kills.run(
        folder, "plain", events=scale.events, kills=scale.queue_kills, seed=seed, backend=backend
    )
    return kills.judge(record)


async def _sns_fifo_kills(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    record = await kills.run(
        folder, "ordered", events=scale.ordered_events, kills=scale.ordered_kills, seed=seed
    )
    return kills.judge(record)


async def _aws_fifo_kills(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    events = 2 * scale.ordered_events  # every second one has no order
    record = await kills.run(
        folder, "mixed", events=events, kills=scale.ordered_kills, seed=seed, backend="aws"
    )
    return kills.judge(record)


async def _wire_slow(scale: Scale, seed: int, folder: Path, *, backend: Backend) -> Sequence[Check]:
    del seed
    record = await slow.run(
        folder, handlers=scale.slow_handlers, lease=scale.lease, backend=backend
    )
    return slow.judge(record)


async def _sns_rules(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    record = await pushdown.run(
        folder, patterns=scale.patterns, events=scale.pattern_events, seed=seed
    )
    return pushdown.judge(record)


async def _equivalence(scale: Scale, seed: int, folder: Path) -> Sequence[Check]:
    seeds = range(seed, seed + scale.equal_seeds)
    with _quietly():
        return comparing.judge(await comparing.run(folder, seeds=seeds, events=scale.equal_events))


@contextmanager
def _quietly() -> Generator[None]:
    """Without the log of what is meant to go wrong."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


SCENARIOS: Final = (
    Scenario("soak", _soak, beside=True),
    Scenario("workers", partial(_workers, transactions=False)),
    Scenario("workers-transactions", partial(_workers, transactions=True)),
    Scenario("publish-in", partial(_outbox, kind="publish_in")),
    Scenario("outbox", partial(_outbox, kind="outbox")),
    Scenario("stopping", _stopping),
    Scenario("faults", _bad_days),
    Scenario("equivalence", _equivalence),
    Scenario("sns-rules", _sns_rules),
    Scenario("sns-faults", partial(_wire_faults, backend="sns")),
    Scenario("sns-kills", partial(_queue_kills, backend="sns")),
    Scenario("sns-fifo-kills", _sns_fifo_kills),
    Scenario("sns-slow", partial(_wire_slow, backend="sns")),
    Scenario("eventbridge-faults", partial(_wire_faults, backend="eventbridge")),
    Scenario("eventbridge-kills", partial(_queue_kills, backend="eventbridge")),
    Scenario("eventbridge-slow", partial(_wire_slow, backend="eventbridge")),
    Scenario("aws-faults", partial(_wire_faults, backend="aws")),
    Scenario("aws-fifo-kills", _aws_fifo_kills),
)
