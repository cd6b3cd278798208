"""Time as adapters and workers see it, so that tests can move it."""

from __future__ import annotations

from time import monotonic, time
from typing import Protocol

import anyio

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """A monotonic clock, and the time of day beside it. All values are seconds."""

    def now(self) -> float:
        """Seconds since some fixed moment. Called in any thread."""
        ...

    def wall(self) -> float:
        """Seconds since 1970, as other processes and the next start of this one read them.

        For moments that are written down. May be set back. Called in any thread.
        """
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

    def wall(self) -> float:
        """Seconds of :func:`time.time`."""
        return time()

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
