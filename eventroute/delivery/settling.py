"""Telling the backend what became of deliveries, many in one call."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final, Protocol

import anyio

from eventroute.delivery.giving_way import Watch, at_once
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.verdict import Verdict
from eventroute.errors import AdapterError, DeadLetterQueueFullError, LeaseLostError
from eventroute.port import Bury, Release, answers_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eventroute.clock import Clock
    from eventroute.port import Adapter, Settlement

__all__ = ["LAST_CALL", "LONGEST_PAUSE", "SETTLE_PAUSES", "Settled", "Settler", "pause_after"]

LAST_CALL: Final = 10.0
"""Seconds that settling a delivery may take, also when the worker is cancelled meanwhile. What a
backend waits for by itself, such as the lock of a file, should end before, to be repeated."""

LONGEST_PAUSE: Final = 30.0
"""Bound of the pause, in seconds, after the backend failed several times in a row."""

SETTLE_PAUSES: Final = (0.05, 0.2, 0.8)
"""Pauses, in seconds, after which a settlement is repeated when the backend fails."""

_FINAL: Final = (LeaseLostError, DeadLetterQueueFullError)


def pause_after(failures: int) -> float:
    """Seconds to wait after something failed, and had failed so many times in a row before."""
    return min(LONGEST_PAUSE, 2.0 ** min(failures, 10))  # a float ends at 2 ** 1024


class Settled(Protocol):
    """Is told what the backend said, as soon as it is final."""

    def __call__(
        self, verdicts: Sequence[Verdict], errors: Sequence[Exception | None] | None
    ) -> None:
        """One error each, ``None`` where the settlement took effect; or where all of them did."""
        ...


class Settler:
    """Gathers verdicts while a call is under way, and sends them with the next.

    So a lone one never waits, and those that come together travel together. A full batch does not
    wait for the call under way. What fails is sent again without what did not.

    :param pausing: is called when a pause begins, after which something is sent again.
    """

    def __init__(
        self, adapter: Adapter, settled: Settled, clock: Clock, pausing: Callable[[], None]
    ) -> None:
        self._adapter = adapter
        self._clock = clock
        self._pausing = pausing
        self._pauses: list[float] = []
        capabilities = adapter.capabilities
        self._size = capabilities.batch_size
        self._answers_at_once = answers_at_once(adapter.settle)
        longest = capabilities.max_release_delay
        self._kept_delay = LONGEST_PAUSE if longest is None else min(LONGEST_PAUSE, longest)
        self._settled = settled
        self._pending: list[Verdict] = []
        self._calls = 0

    @property
    def resumes(self) -> float | None:
        """Until when it waits, by the clock, to send something again."""
        return min(self._pauses, default=None)

    def add(self, verdict: Verdict) -> bool:
        """Take a verdict for the next :meth:`flush`; say whether a call is full now."""
        self._pending.append(verdict)
        return len(self._pending) >= self._size

    async def flush(self) -> None:
        """Send what was added, unless a call is under way, which will take it along.

        What was added is settled even when the caller is cancelled meanwhile.
        """
        failed: list[tuple[Verdict, int]] = []
        while True:
            if self._pending and (not self._calls or len(self._pending) >= self._size):
                batch = self._pending[: self._size]
                del self._pending[: self._size]
                failed += await self._send(batch, repeat(0))
            if failed:
                await self._pause(SETTLE_PAUSES[failed[0][1] - 1])
                again, failed = failed[: self._size], failed[self._size :]
                failed += await self._send(
                    [verdict for verdict, _ in again], [tries for _, tries in again]
                )
            elif not self._pending or self._calls:
                return

    async def _pause(self, seconds: float) -> None:
        until = self._clock.now() + seconds
        self._pauses.append(until)
        self._pausing()
        try:
            # A clock that a test stopped holds nobody up for longer.
            with anyio.move_on_after(seconds, shield=True):
                await self._clock.sleep(seconds)
        finally:
            self._pauses.remove(until)

    async def _send(self, batch: list[Verdict], tried: Iterable[int]) -> list[tuple[Verdict, int]]:
        """Make one call; return what failed in a way that the next call may not, with its tries.

        :param tried: how often each was sent before.
        """
        settlements = [verdict.settlement for verdict in batch]
        errors: Sequence[Exception | None]
        may_repeat = True
        try:
            if self._answers_at_once:
                errors = at_once(self._adapter.settle(settlements))
            else:
                errors, may_repeat = await self._call(settlements)
        except Exception as raised:
            errors = [raised] * len(batch)
        if len(errors) != len(batch):
            raise AdapterError(f"settle gave {len(errors)} outcomes for {len(batch)} settlements")
        if not [error for error in errors if error is not None]:  # nearly always
            self._settled(batch, None)
            return []
        again: list[tuple[Verdict, int]] = []
        verdicts: list[Verdict] = []
        final: list[Exception | None] = []
        for verdict, tries, error in zip(batch, tried, errors, strict=False):
            if error is None or isinstance(error, _FINAL):
                pass
            elif may_repeat and tries < len(SETTLE_PAUSES):
                again.append((verdict, tries + 1))
                continue
            if error is not None and isinstance(verdict.settlement, Bury):
                self._pending.append(self._kept(verdict, error))
                continue
            verdicts.append(verdict)
            final.append(error)
        if verdicts:
            self._settled(verdicts, final)
        return again

    async def _call(self, settlements: list[Settlement]) -> tuple[Sequence[Exception | None], bool]:
        """What the backend said in time, and whether what failed may be sent again."""
        silence = TimeoutError(f"the backend did not answer for {LAST_CALL} s")
        self._calls += 1
        try:
            with anyio.CancelScope(shield=True) as scope:
                # A backend that answers without waiting needs no timer.
                watch = Watch(partial(_limit, scope))
                watch.is_on = True
                return await watch.run(self._adapter.settle(settlements)), True
        finally:
            self._calls -= 1
        return [silence] * len(settlements), False

    def _kept(self, verdict: Verdict, error: Exception) -> Verdict:
        """The queue keeps what the dead-letter queue does not take."""
        delivery = verdict.settlement.delivery
        lost = Outcome(OutcomeKind.LOST, delivery, verdict.outcome.payload, error)
        return Verdict(Release(delivery, self._kept_delay), lost)


def _limit(scope: anyio.CancelScope) -> None:
    scope.deadline = anyio.current_time() + LAST_CALL
