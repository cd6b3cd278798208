"""Handlers that take longer than a lease."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio

from eventroute import Event, EventBus, Router
from tools.torture.check import Check, lost, repeated
from tools.torture.children import until
from tools.torture.wire.station import at_work, station

if TYPE_CHECKING:
    from pathlib import Path

    from tools.torture.wire.station import Backend, Station

__all__ = ["LEASES", "Record", "judge", "run"]

LEASES: Final = 3
"""How many leases a handler takes."""

_SOURCE: Final = "torture"


@dataclass(slots=True)
class Record:
    """What happened.

    :ivar begun: numbers, each time a handler begins.
    :ivar ended: numbers, each time a handler comes to its end.
    :ivar most: handlers that ran at once.
    :ivar left: events that were in the queue at the end, and dead letters.
    """

    handlers: int
    begun: list[int] = field(default_factory=list[int])
    ended: list[int] = field(default_factory=list[int])
    most: int = 0
    left: int = 0


async def run(folder: Path, *, handlers: int, lease: float, backend: Backend = "sns") -> Record:
    """Let all handlers run at once, and look into the queue when they are done.

    :param lease: visibility timeout in seconds.
    :raises TortureError: they do not end.
    """
    record = Record(handlers)
    async with station(folder) as place:
        bus = _bus(place, record, lease, backend)
        async with at_work(bus):
            await bus.publish_many([Event(_SOURCE, "T", {"n": n}) for n in range(handlers)])
            await until(lambda: len(set(record.ended)) == handlers, "all handlers end")
            await anyio.sleep(lease)  # whatever was handed out twice is handed out by now
            depth = await bus.depth("slow")
            record.left = depth.outstanding + depth.dead
    return record


def judge(record: Record) -> list[Check]:
    """Hold what happened against what is promised."""
    return [
        Check.exactly("handlers at once", record.most, record.handlers),
        Check("visibility timeouts that each takes", LEASES),
        Check.none_of("lost", lost(range(record.handlers), record.ended)),
        Check.none_of("begun again while the handler lives", repeated(record.begun)),
        Check("left in the queues", record.left, 0, 0),
    ]


def _bus(place: Station, record: Record, lease: float, backend: Backend) -> EventBus:
    router = Router("wire")

    @router.subscribe({"source": [_SOURCE]}, visibility_timeout=lease, concurrency=record.handlers)
    async def slow(event: Event) -> None:
        record.begun.append(event.detail["n"])
        record.most = max(record.most, len(record.begun) - len(record.ended))
        await anyio.sleep(LEASES * lease)
        record.ended.append(event.detail["n"])

    bus = EventBus(backend, options=place.options(poll_wait=1))
    bus.include(router)
    return bus
