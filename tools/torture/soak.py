"""A million events in memory, and a process that does not grow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.torture.check import Check
from tools.torture.children import Herd, TortureError

__all__ = ["Record", "can_measure", "judge", "run"]

_MOST_GROWTH: Final = 5.0
"""Percent."""

_SECONDS: Final = 500.0


@dataclass(frozen=True, slots=True)
class Record:
    """What happened.

    :ivar counts: handlers that came to their end, by subscription; each event is for one.
    :ivar sizes: events published so far and resident bytes, the first after the warm-up.
    """

    events: int
    counts: dict[str, int]
    sizes: list[tuple[int, int]]


def can_measure() -> bool:
    """Whether this system says how large a process is."""
    return Path("/proc/self/statm").exists()


async def run(folder: Path, *, events: int, warm_up: int) -> Record:
    """Let a process of its own do it.

    :param events: and ``warm_up``: tens of thousands.
    :raises TortureError: it failed.
    """
    file = folder / "soak.json"
    with Herd(folder, {}) as herd:
        numbers = map(str, (events, warm_up, file))
        child = herd.start("tools.torture.apps.soaking", *numbers)
        if await child.ended(_SECONDS):
            raise TortureError(child.said())
    found = json.loads(file.read_text(encoding="utf-8"))
    return Record(events, found["counts"], [(n, size) for n, size in found["sizes"]])


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""
    (_, first), (_, last) = record.sizes[0], record.sizes[-1]
    largest = max(size for _, size in record.sizes)
    mebibytes = 1 << 20
    return [
        Check("events", record.events),
        Check.exactly("handled", sum(record.counts.values()), record.events),
        Check("resident after the warm-up, MiB", round(first / mebibytes, 1)),
        Check("resident at the end, MiB", round(last / mebibytes, 1)),
        Check("growth to the largest, %", round(100 * (largest / first - 1), 2), most=_MOST_GROWTH),
    ]
