"""Publishes and handles events in memory, and notes how large the process is.

python -m tools.torture.apps.soaking EVENTS WARM_UP FILE
"""

from __future__ import annotations

import gc
import json
import sys
from os import sysconf
from pathlib import Path
from typing import Final

import anyio

from eventroute import Delivery, Event, EventBus, Retry, Router
from eventroute.idempotency.memory import MemoryStore
from tools.torture.apps import leash

__all__ = ["KINDS", "resident_bytes"]

KINDS: Final = ("plain", "ordered", "once")
_PORTION: Final = 1_000
_SAMPLES: Final = 10
_REMEMBERED: Final = 5_000


def resident_bytes() -> int:
    """Resident memory of this process, as Linux says it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * sysconf("SC_PAGESIZE")


def _only(kind: str) -> dict[str, list[str]]:
    return {"source": ["torture.soak"], "detail-type": [kind]}


def _soaked() -> tuple[EventBus, dict[str, int]]:
    """Order by keys that never come again, marks that are forgotten, and failures."""
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    router = Router("soak")

    @router.subscribe(_only("plain"), retry=Retry(first=0.001))
    async def plain(event: Event, delivery: Delivery) -> None:
        if event.detail["number"] % 500 == 0 and delivery.attempt == 1:
            raise ConnectionError("now and then")
        counts["plain"] += 1

    @router.subscribe(_only("ordered"), ordered_by="key")
    async def ordered(event: Event) -> None:
        counts[event.detail_type] += 1

    @router.subscribe(_only("once"), idempotent=True)
    async def once(event: Event) -> None:
        counts[event.detail_type] += 1

    store = MemoryStore(capacity=_REMEMBERED)
    bus = EventBus("memory", options={"capacity": 2_000}, idempotency_store=store)
    bus.include(router)
    return bus, counts


async def _main(events: int, warm_up: int, file: Path) -> None:
    bus, counts = _soaked()
    moments = {warm_up + (events - warm_up) * part // _SAMPLES for part in range(_SAMPLES + 1)}
    # What the first full collection frees is not given back whole: it is part of the warm-up.
    rehearsal = warm_up // 2 // _PORTION * _PORTION
    sizes: list[tuple[int, int]] = []
    async with bus, anyio.create_task_group() as tasks:
        tasks.start_soon(bus.run)
        for number in range(0, events, _PORTION):
            await bus.publish_many(
                Event(
                    "torture.soak",
                    KINDS[n % len(KINDS)],
                    {"number": n, "key": f"key-{n}", "text": "x" * 200},
                )
                for n in range(number, number + _PORTION)
            )
            published = number + _PORTION
            if published == rehearsal or published in moments:
                while any([(await bus.depth(name)).outstanding for name in counts]):
                    await anyio.sleep(0.001)
                gc.collect()
                if published in moments:
                    sizes.append((published, resident_bytes()))
        bus.stop()
    file.write_text(json.dumps({"counts": counts, "sizes": sizes}), encoding="utf-8")


if __name__ == "__main__":
    leash.hold()
    anyio.run(_main, int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
