"""Time as adapters and workers see it, so that tests can move it."""

from __future__ import annotations

from time import monotonic
from typing import Protocol

import anyio

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """A monotonic clock. All values are seconds."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    async def wait(self, event: anyio.Event, until: float | None) -> None:
        """Return as soon as ``event`` is set or the clock reads ``until``; ``None`` is never.

        A clock may set the event when the time has come, so use a fresh one for each wait.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after this many seconds."""
        ...


class SystemClock:
    """The process's monotonic clock, whichever event loop runs."""

    def now(self) -> float:
        """Seconds of :func:`time.monotonic`."""
        return monotonic()

    async def wait(self, event: anyio.Event, until: float | None) -> None:
        """See :class:`Clock`."""
        if until is None:
            await event.wait()
        else:
            with anyio.move_on_after(until - self.now()):
                await event.wait()

    async def sleep(self, seconds: float) -> None:
        """See :class:`Clock`."""
        await anyio.sleep(seconds)
