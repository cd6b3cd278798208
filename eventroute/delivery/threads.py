"""The threads in which plain functions handle events."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Threads"]


class Threads:
    """Those of one subscription.

    A thread cannot be cancelled. One that is left to itself keeps its place until it ends.

    :param places: how many there may be.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._left = 0
        # Most handlers use no threads, and make neither.
        self._limiter: anyio.CapacityLimiter | None = None
        self._change: anyio.Event | None = None

    @property
    def limiter(self) -> anyio.CapacityLimiter:
        """Bounds these threads, and those of what else is called in some."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._places)
        return self._limiter

    @property
    def left(self) -> int:
        """How many are left to themselves, and have not ended."""
        return self._left

    @property
    def all_left(self) -> bool:
        """Whether there is no place for another one."""
        return self._left >= self._places

    def ring(self) -> None:
        """Wake everybody in :meth:`changed`."""
        if self._change is not None:  # else nobody waits
            self._change.set()
            self._change = None

    async def changed(self) -> None:
        """Return when a thread that was left to itself ends, or somebody rings."""
        if self._change is None:
            self._change = anyio.Event()
        await self._change.wait()

    async def call(self, function: Callable[[], object], *, may_leave: bool) -> object:
        """Call a function in a thread.

        :param may_leave: whether to leave it to itself when the caller is cancelled.
        """
        one = _Call(function, _poster(), self._ended)
        try:
            return await anyio.to_thread.run_sync(
                one.run, abandon_on_cancel=may_leave, limiter=self.limiter
            )
        finally:
            if one.leave():
                self._left += 1

    def _ended(self) -> None:
        self._left -= 1
        self.ring()


class _Call:
    """One call, which ends in its thread and is waited for in the event loop."""

    def __init__(
        self,
        function: Callable[[], object],
        post: Callable[[Callable[[], object]], object],
        ended: Callable[[], None],
    ) -> None:
        self._function = function
        self._post = post
        self._ended = ended
        self._lock = Lock()
        self._is_running = False
        self._is_left = False

    def run(self) -> object:
        """Make the call, unless nobody waits for it any more."""
        with self._lock:
            if self._is_left:
                return None
            self._is_running = True
        try:
            return self._function()
        except GeneratorExit as error:
            # Python does not throw it into what awaits the thread, but closes that.
            raise RuntimeError("the handler raised GeneratorExit") from error
        finally:
            with self._lock:
                self._is_running = False
                tell = self._is_left
            if tell:
                self._tell()

    def leave(self) -> bool:
        """Wait no more; say whether the thread goes on by itself."""
        with self._lock:
            self._is_left = True
            return self._is_running

    def _tell(self) -> None:
        try:
            self._post(self._ended)
        except RuntimeError:
            """The event loop has ended before it, and with it everybody who would want to know."""


def _poster() -> Callable[[Callable[[], object]], object]:
    """How a thread has something called in this event loop, without waiting for it."""
    import asyncio  # noqa: PLC0415  not before an event loop is chosen

    try:
        return asyncio.get_running_loop().call_soon_threadsafe
    except RuntimeError:
        from trio.lowlevel import current_trio_token  # noqa: PLC0415  only there when it runs

        return current_trio_token().run_sync_soon
