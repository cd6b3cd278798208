"""Who waits for what, in the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Bells"]


class Bells:
    """One bell a queue for those who wait for events, and one for those who wait for room."""

    def __init__(self) -> None:
        self._arrivals: dict[str, anyio.Event] = {}
        self._room = anyio.Event()

    def arrival(self, name: str) -> anyio.Event:
        """Rings at the next change of a queue."""
        bell = self._arrivals.get(name)
        if bell is None or bell.is_set():
            bell = self._arrivals[name] = anyio.Event()
        return bell

    def room(self) -> anyio.Event:
        """Rings when a queue may have more room."""
        return self._room

    def ring(self, names: Iterable[str]) -> None:
        """Wake those who wait for one of these queues."""
        for name in names:
            bell = self._arrivals.pop(name, None)
            if bell is not None:
                bell.set()

    def ring_room(self) -> None:
        """Wake those who wait for room."""
        self._room.set()
        self._room = anyio.Event()

    def ring_all(self) -> None:
        """Wake everybody: another process did something, or the adapter closes."""
        self.ring([*self._arrivals])
        self.ring_room()
