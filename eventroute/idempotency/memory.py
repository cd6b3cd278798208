"""A store held by this process, for tests and for backends that die with it, too."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

import anyio.lowlevel

from eventroute.clock import SystemClock
from eventroute.errors import ClaimLostError, ConfigurationError
from eventroute.idempotency.port import Busy, Done

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute.idempotency.port import Claim, Key

__all__ = ["MemoryStore"]

_SLACK: Final = 1_000
"""Ends of what is there no more that are kept, so that they are seldom swept."""


@dataclass(slots=True, eq=False)
class _Entry:
    expires: float
    done: bool = False


class MemoryStore:
    """Keys in memory.

    :param capacity: most keys that count as done at once; beyond it the oldest are forgotten,
        and their duplicates are handled again.
    """

    def __init__(self, *, capacity: int = 100_000) -> None:
        if isinstance(capacity, bool) or capacity < 1:
            raise ConfigurationError(f"MemoryStore(capacity={capacity!r}): must be at least 1")
        self._capacity = capacity
        self._clock: Clock = SystemClock()
        self._entries: dict[Key, _Entry] = {}
        self._ends: list[tuple[float, int, Key]] = []
        self._done: deque[tuple[Key, _Entry]] = deque()
        self._numbers = count()

    async def open(self, clock: Clock) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        self._clock = clock

    async def close(self) -> None:
        """See :class:`eventroute.idempotency.IdempotencyStore`. What is marked stays."""

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        """See :class:`eventroute.idempotency.IdempotencyStore`."""
        await anyio.lowlevel.checkpoint()
        now = self._clock.now()
        self._forget_expired(now)
        known = self._entries.get(key)
        if known is not None:
            return Done() if known.done else Busy(known.expires - now)
        entry = _Entry(now + lease)
        self._entries[key] = entry
        self._remember_end(key, entry)
        return _MemoryClaim(self, key, entry, window)

    def extend(self, key: Key, entry: _Entry, lease: float) -> None:
        """Let a claim end later."""
        self._check(key, entry)
        entry.expires = self._clock.now() + lease
        self._remember_end(key, entry)

    def complete(self, key: Key, entry: _Entry, window: float) -> None:
        """Mark a claimed key as done."""
        self._check(key, entry)
        entry.done = True
        entry.expires = self._clock.now() + window
        self._remember_end(key, entry)
        self._done.append((key, entry))
        while len(self._done) > self._capacity:
            self.forget(*self._done.popleft())

    def forget(self, key: Key, entry: _Entry) -> None:
        """Drop an entry, unless another took its place."""
        if self._entries.get(key) is entry:
            del self._entries[key]

    def _check(self, key: Key, entry: _Entry) -> None:
        if self._entries.get(key) is not entry:
            raise ClaimLostError(
                f"the claim of {key.subscription} on {key.value} had ended before its handler"
            )

    def _remember_end(self, key: Key, entry: _Entry) -> None:
        if len(self._ends) > 2 * len(self._entries) + _SLACK:
            self._ends = [end for end in self._ends if self._is_current(*end)]
            heapify(self._ends)
        heappush(self._ends, (entry.expires, next(self._numbers), key))

    def _is_current(self, expires: float, number: int, key: Key) -> bool:
        del number
        entry = self._entries.get(key)
        return entry is not None and entry.expires == expires

    def _forget_expired(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now:
            key = heappop(self._ends)[2]
            entry = self._entries.get(key)
            # What was extended or completed has a later end in the heap.
            if entry is not None and entry.expires <= now:
                del self._entries[key]
        while self._done and self._done[0][1].expires <= now:
            self._done.popleft()


class _MemoryClaim:
    __slots__ = ("_entry", "_key", "_store", "_window")

    def __init__(self, store: MemoryStore, key: Key, entry: _Entry, window: float) -> None:
        self._store, self._key, self._entry, self._window = store, key, entry, window

    async def extend(self, lease: float) -> None:
        self._store.extend(self._key, self._entry, lease)

    async def complete(self) -> None:
        self._store.complete(self._key, self._entry, self._window)

    async def release(self) -> None:
        self._store.forget(self._key, self._entry)
