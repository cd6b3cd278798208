"""The SQLite backend keeps every promise."""

from __future__ import annotations

from pathlib import Path

from eventroute.clock import Clock
from eventroute.port import Adapter
from eventroute.testing.conformance import AdapterConformance
from eventroute_sqlite import create


class TestSqlite(AdapterConformance):
    def make(self, clock: Clock, place: Path) -> Adapter:
        options = {"path": str(place / "events.db"), "poll_interval": 0.005}
        return create({**options, "max_event_bytes": 65_536, "retention": 3_600}, clock)

    def make_bounded(self, clock: Clock, place: Path, capacity: int) -> Adapter:
        return create({"path": str(place / "bounded.db"), "capacity": capacity}, clock)
