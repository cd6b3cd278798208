"""What the mutants derive from: the in-memory backend, shared as a durable one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from eventroute.clock import Clock
from eventroute.port import Adapter, Archive, Capabilities, Replay
from eventroute.testing.conformance import AdapterConformance, AdapterWrapper
from eventroute.topology import Topology
from eventroute_memory import MemoryAdapter, MemoryOptions
from eventroute_memory.queue import Queue

__all__ = ["Handle", "Mutant", "SharedMemory", "kit_of"]

LIMIT = 65_536


class Mutant(MemoryAdapter):
    """An adapter that is broken on purpose, in one way.

    :cvar caught_by: the property that finds it.
    :cvar made_of: its queues.
    :cvar found_as: what tells so: an assertion of the kit, or what the mutant raises by intent. A
        time limit is none, as it may be the machine's fault, and nor is a slip in the mutant.
    """

    caught_by: ClassVar[str]
    found_as: ClassVar[type[Exception]] = AssertionError
    made_of: ClassVar[type[Queue]] = Queue

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        known = set(self._stations)
        await super().open(topology, provision=provision)
        for name in self._stations.keys() - known:
            self._stations[name].queue = self.made_of(name)

    def made(self) -> None:
        """Another handle on this storage is made."""


class Handle(AdapterWrapper):
    """One process's adapter on a storage that outlives it."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(self.adapter.capabilities, durable=True, multi_process=True)

    async def replay(self, replay: Replay) -> int | None:
        assert isinstance(self.adapter, Archive)
        return await self.adapter.replay(replay)


class SharedMemory(AdapterConformance):
    """Adapters at the same place share one backend in memory, which nothing ends.

    It stands for durable backends of several processes, so that their properties can fail too.
    """

    loops = ("asyncio",)
    make_storage: Callable[[MemoryOptions, Clock], MemoryAdapter] = MemoryAdapter

    def make(self, clock: Clock, place: Path) -> Adapter:
        storages: dict[Path, MemoryAdapter] = self.__dict__.setdefault("storages", {})
        if place not in storages:
            options = MemoryOptions(max_event_bytes=LIMIT, archive=100)
            storages[place] = type(self).make_storage(options, clock)
        storage = storages[place]
        if isinstance(storage, Mutant):
            storage.made()
        return Handle(storage)

    def make_bounded(self, clock: Clock, place: Path, capacity: int) -> Adapter:
        return Handle(type(self).make_storage(MemoryOptions(capacity=capacity), clock))


def kit_of(mutant: type[Mutant]) -> SharedMemory:
    """The kit for one mutant; what never comes is not waited for as long as it usually is."""

    class Kit(SharedMemory):
        make_storage = mutant
        patience = 0.3
        time_limit = 10.0

    return Kit()
