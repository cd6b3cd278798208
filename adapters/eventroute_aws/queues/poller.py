"""Asks one queue for messages, and never hangs up while it listens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import anyio

from eventroute.port import Delivery
from eventroute_aws.limits import BATCH

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute.errors import EventRouteError

__all__ = ["Ask", "GiveBack", "Poller"]

logger: Final = getLogger("eventroute.aws")

Ask: TypeAlias = Callable[
    [int, int], Awaitable[tuple[Sequence[Delivery], "EventRouteError | None"]]
]
"""Asks for so many messages, waiting so many seconds; gives what came, and what went wrong."""

GiveBack: TypeAlias = Callable[[Sequence[Delivery]], Coroutine[Any, Any, None]]

_PAUSES: Final = (0.1, 1.0)
"""Seconds between short polls: the first pause, and the longest."""

_LATE: Final = 0.5
"""Seconds that an answer may be late."""

_ROUNDING: Final = 0.25
"""Seconds that a poll may end after the receive that it is for, lest the rest is polled shortly."""


class Poller:
    """The receives of one subscription.

    A receive that is cancelled leaves its poll going: SQS may already have leased messages to it.
    The next receive takes the poll over, and what it has brought.

    :param poll_wait: seconds that one poll waits at most; 0 polls shortly.
    """

    def __init__(self, ask: Ask, give_back: GiveBack, clock: Clock, poll_wait: int) -> None:
        self._ask = ask
        self._give_back = give_back
        self._clock = clock
        self._poll_wait = poll_wait
        self._polls: dict[asyncio.Task[None], int] = {}
        self._taken: set[asyncio.Task[None]] = set()
        self._kept: deque[tuple[Delivery, float]] = deque()
        self._failures: deque[Exception] = deque()
        self._waiting = 0
        self._change = asyncio.Event()
        self._end: Callable[[], Exception] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._returns: set[asyncio.Task[None]] = set()

    async def receive(self, limit: int, wait: float) -> Sequence[Delivery]:
        """See :meth:`eventroute.port.Adapter.receive`."""
        deadline = self._clock.now() + wait
        pause, longest_pause = _PAUSES
        poll: asyncio.Task[None] | None = None
        seconds, began = 0, 0.0
        self._waiting += 1
        try:
            while True:
                if self._end is not None:
                    raise self._end()
                if taken := self._take(limit):
                    return taken
                if self._failures:
                    raise self._failures.popleft()
                remaining = max(0.0, deadline - self._clock.now())
                if poll is not None and poll.done():
                    if remaining <= (_ROUNDING if seconds else 0):
                        return []
                    self._taken.discard(poll)
                    # Not every endpoint waits as it is told; none is to be asked in a hurry.
                    has_waited = seconds > 0 and self._clock.now() - began > seconds / 2
                    if has_waited or not await self._changes(min(remaining, pause)):
                        pause = min(2 * pause, longest_pause)
                        poll = None
                    continue
                if poll is None:
                    seconds, began = self._seconds(remaining), self._clock.now()
                    poll = self._join(seconds) or self._start(limit, seconds)
                    self._taken.add(poll)
                if not await self._changes(remaining + _LATE if seconds else None):
                    return []
        finally:
            if poll is not None:
                self._taken.discard(poll)
            self._waiting -= 1
            if not self._waiting:
                self._failures.clear()

    async def close(self, end: Callable[[], Exception], patience: float) -> None:
        """Let the polls end, and give back what nobody took.

        :param end: makes what those who wait, and whoever comes later, are told.
        :param patience: seconds that the polls have.
        """
        self._end = end
        self._ring()
        if self._polls:
            _, late = await asyncio.wait(set(self._polls), timeout=patience)
            for poll in late:
                logger.warning("a poll does not end; what it has leased comes back by itself")
                poll.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
        self._return_kept(everything=True)
        if self._returns:
            await asyncio.wait(self._returns)

    def _seconds(self, remaining: float) -> int:
        """How long a poll waits that begins now."""
        return int(min(remaining + _ROUNDING, self._poll_wait))

    def _take(self, limit: int) -> Sequence[Delivery]:
        now = self._clock.now()
        taken: list[Delivery] = []
        while self._kept and len(taken) < limit:
            delivery, _ = self._kept.popleft()
            if delivery.lease_ends > now:  # else the event loop was held up for that long
                taken.append(delivery)
        if not self._kept:
            self._stop_timer()
        return taken

    def _join(self, seconds: int) -> asyncio.Task[None] | None:
        """A long poll that nobody waits for."""
        if not seconds:
            return None
        return next(
            (
                poll
                for poll, long in self._polls.items()
                if long and poll not in self._taken and not poll.done()
            ),
            None,
        )

    def _start(self, limit: int, seconds: int) -> asyncio.Task[None]:
        poll = asyncio.create_task(self._poll(min(limit, BATCH), seconds), name="eventroute poll")
        self._polls[poll] = seconds
        poll.add_done_callback(self._ended)
        return poll

    def _ended(self, poll: asyncio.Task[None]) -> None:
        del self._polls[poll]
        self._ring()

    async def _poll(self, limit: int, seconds: int) -> None:
        deliveries: Sequence[Delivery] = ()
        failure: Exception | None
        try:
            deliveries, failure = await self._ask(limit, seconds)
        except Exception as error:  # whatever it is, those who wait are told
            failure = error
        now = self._clock.now()
        self._kept.extend((one, (now + one.lease_ends) / 2) for one in deliveries)
        if deliveries:
            self._set_timer()
        if failure is not None and self._waiting:
            self._failures.append(failure)

    async def _changes(self, timeout: float | None) -> bool:
        with anyio.move_on_after(timeout) as waiting:
            await self._change.wait()
        return not waiting.cancelled_caught

    def _ring(self) -> None:
        change, self._change = self._change, asyncio.Event()
        change.set()

    def _set_timer(self) -> None:
        self._stop_timer()
        delay = max(0.0, self._kept[0][1] - self._clock.now())
        self._timer = asyncio.get_running_loop().call_later(delay, self._return_kept)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _return_kept(self, *, everything: bool = False) -> None:
        """Give back what was kept for half its lease; the last one first, for the order's sake."""
        self._stop_timer()
        now = self._clock.now()
        due: list[Delivery] = []
        while self._kept and (everything or self._kept[0][1] <= now + _ROUNDING):
            due.append(self._kept.popleft()[0])
        if self._kept:
            self._set_timer()
        if due:
            task = asyncio.create_task(self._give_back(due[::-1]), name="eventroute give back")
            self._returns.add(task)
            task.add_done_callback(self._returns.discard)
