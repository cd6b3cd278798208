"""A bus whose workers run, and somebody who lets time pass for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Self

import anyio

from eventroute.lifetime import raise_plainly
from eventroute.testing.conformance.watching import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized
    from types import TracebackType

    from anyio.abc import TaskGroup

    from eventroute.bus import EventBus
    from eventroute.port import QueueDepth
    from eventroute.testing.clock import VirtualClock

__all__ = ["Application", "has"]

_STILL: Final = 15
"""Looks without a change after which workers are taken to wait for time to pass."""

_PAUSE: Final = 1.0
"""Seconds; the longest pause before a settlement is repeated is shorter."""


class Application:
    """Runs a bus in the task that enters it."""

    def __init__(self, bus: EventBus, clock: VirtualClock | None, patience: float) -> None:
        self.bus = bus
        self._clock = clock
        self._patience = patience
        self._tasks: TaskGroup
        self._last: dict[str, QueueDepth] = {}
        self._still = 0

    async def __aenter__(self) -> Self:
        await self.bus.__aenter__()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(partial(self.bus.run, handle_signals=False))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is None:
            self.bus.stop()
        else:
            self._tasks.cancel_scope.cancel()
        try:
            if isinstance(exc, anyio.get_cancelled_exc_class()):
                await self._tasks.__aexit__(exc_type, exc, traceback)
            else:
                await self._tasks.__aexit__(None, None, None)
        except BaseExceptionGroup as errors:
            raise_plainly(errors)
        finally:
            await self.bus.__aexit__(exc_type, exc, traceback)

    async def until(self, holds: Callable[[], object], what: str = "what was waited for") -> None:
        """Let the workers work, and time pass where all of them wait for it, until it holds."""
        with anyio.move_on_after(self._patience) as scope:
            while not holds():
                await self._step()
        assert not scope.cancelled_caught, f"it never came to this: {what}; {self._told()}"

    async def settled(self) -> None:
        """Return when every event is handled or dead-lettered, with all that followed."""
        with anyio.move_on_after(self._patience) as scope:
            until: float | None = None
            lag = self.bus.adapter.capabilities.fan_out_lag
            while until is None or anyio.current_time() < until:
                if not await self._is_settled():
                    until = None
                elif until is None:
                    until = anyio.current_time() + lag
                await self._step()
        assert not scope.cancelled_caught, f"events were never settled; {self._told()}"

    async def _is_settled(self) -> bool:
        outstanding = any(depth.outstanding for depth in (await self._depths()).values())
        adapter = self.bus.adapter
        return not outstanding and not (isinstance(adapter, Watched) and adapter.settling)

    async def _depths(self) -> Mapping[str, QueueDepth]:
        names = [one.subscription.name for one in self.bus.subscribers]
        return {name: await self.bus.depth(name) for name in names}

    async def _step(self) -> None:
        """Move a virtual clock on, if nobody has anything to do."""
        if self._clock is not None:
            depths = dict(await self._depths())
            busy = any(depth.in_flight for depth in depths.values())
            self._still = self._still + 1 if depths == self._last else 0
            self._last = depths
            due = [depth.next_due for depth in depths.values() if depth.next_due is not None]
            if not busy and due and not any(depth.ready for depth in depths.values()):
                self._clock.advance_to(min(due))
            elif self._still > _STILL:
                self._still = 0
                alarm = self._clock.next_alarm()
                # While a handler runs, only a pause may pass: no lease, and no time limit.
                if alarm is not None and (not busy or alarm <= self._clock.now() + _PAUSE):
                    self._clock.advance_to(alarm)
        await anyio.sleep(0.05 if self._clock is None else 0.001)  # each look may be a request

    def _told(self) -> str:
        return "; ".join(f"{name}: {depth}" for name, depth in self._last.items())


def has(things: Sized, count: int) -> Callable[[], bool]:
    """Whether there are so many things, as `Application.until` asks."""
    return lambda: len(things) >= count
