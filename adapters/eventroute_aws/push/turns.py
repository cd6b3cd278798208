"""One at a time for each of many things."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakValueDictionary

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Hashable

__all__ = ["Turns"]

Thing = TypeVar("Thing", bound="Hashable")


class Turns(Generic[Thing]):
    """A lock for each thing, which lives for as long as somebody needs it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Thing, anyio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, thing: Thing) -> AsyncGenerator[None]:
        """Wait for those who came before and want the same thing."""
        lock = self._locks.get(thing)
        if lock is None:
            lock = self._locks[thing] = anyio.Lock()
        async with lock:
            yield
