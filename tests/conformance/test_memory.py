"""The in-memory backend keeps every promise."""

from __future__ import annotations

from pathlib import Path

from eventroute.clock import Clock
from eventroute.port import Adapter
from eventroute.testing.conformance import AdapterConformance
from eventroute.testing.conformance.redelivery import RedeliveryPromises
from eventroute_memory import create


class TestMemory(AdapterConformance):
    def make(self, clock: Clock, place: Path) -> Adapter:
        del place  # what it holds is gone with the adapter
        return create({"max_event_bytes": 65_536, "archive": 100}, clock)

    def make_bounded(self, clock: Clock, place: Path, capacity: int) -> Adapter:
        del place
        return create({"capacity": capacity}, clock)


class TestMemoryOnTheWallClock(RedeliveryPromises):
    """As the kit goes with a backend whose delays and leases are its own."""

    virtual_time = False
    loops = ("asyncio",)

    def make(self, clock: Clock, place: Path) -> Adapter:
        del place
        return create({}, clock)
