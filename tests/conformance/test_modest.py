"""A backend that can do little, and says so: the kit goes by what an adapter declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eventroute.clock import Clock
from eventroute.errors import EventRouteError, UnsupportedError
from eventroute.port import Adapter, Capabilities, Delivery, Outgoing
from eventroute.testing.conformance import AdapterConformance
from eventroute.topology import Topology
from eventroute_memory import MemoryAdapter, MemoryOptions


class Modest(MemoryAdapter):
    """Keeps no order, delays little, takes small batches and filters nothing."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(
            super().capabilities,
            ordered=False,
            max_release_delay=900.0,
            max_publish_delay=0.0,
            batch_size=10,
            filtering=None,
        )

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        for one in topology:
            if one.ordered_by is not None:
                raise UnsupportedError(f"{one.name!r} is ordered; this backend keeps no order")
        await super().open(topology, provision=provision)

    async def _put(
        self, outgoing: Outgoing, names: Sequence[str], deadline: float
    ) -> EventRouteError | None:
        return await super()._put(outgoing, list(self._stations), deadline)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        received = await super().receive(subscription, limit=limit, wait=wait)
        return [replace(one) for one in received]  # which says nothing of what was evaluated


class TestModest(AdapterConformance):
    loops = ("asyncio",)
    burst = 200

    def make(self, clock: Clock, place: Path) -> Adapter:
        del place
        return Modest(MemoryOptions(), clock)
