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

if TYPE_CHECKING:
    from collections.abc import Generator

    from tools.torture.outboxes import Kind

__all__ = ["SCENARIOS", "Scale", "Scenario"]

Run: TypeAlias = Callable[["Scale", int, Path], Awaitable[Sequence[Check]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything: what is left out is the full form.

    :ivar warm_up: events of the soak before the first measurement.
    """

    events: int = 2_000
    worker_kills: int = 30
    transactions: int = 1_000
    outbox_kills: int = 50
    stops: int = 100
    soaked: int = 1_000_000
    warm_up: int = 100_000
    seeds: int = 1_000

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
)
