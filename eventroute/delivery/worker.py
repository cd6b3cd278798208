"""Works off one subscription: receive, attempt, settle."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.delivery.attempt import Attempt, Verdict
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.report import log_outcome, logger
from eventroute.port import Bury, Extend, Release

if TYPE_CHECKING:
    from random import Random

    from anyio.abc import TaskGroup

    from eventroute.clock import Clock
    from eventroute.delivery.outcome import Observer
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Adapter, Delivery, Settlement
    from eventroute.publisher import Publisher

__all__ = ["ProgramExitError", "Worker"]

LONG_POLL: Final = 20.0
"""Seconds that one call of ``receive`` waits for an event: the most that SQS allows."""

LONGEST_PAUSE: Final = 30.0
"""Bound of the pause, in seconds, after the backend failed several times in a row."""

LAST_CALL: Final = 5.0
"""Seconds that settling a delivery may take, also when the worker is cancelled meanwhile."""

SETTLE_PAUSES: Final = (0.05, 0.2, 0.8)
"""Pauses, in seconds, after which a settlement is repeated when the backend fails."""


class ProgramExitError(Exception):
    """A handler ended the program; its cause says how.

    asyncio stops in its tracks when a task lets ``SystemExit`` out, and leaves the others behind.
    """


class Worker:
    """Slots that share one intake: a free slot receives for itself and for the other free ones.

    So no event is leased before there is a slot for it, and one call fills many slots.
    """

    def __init__(
        self,
        subscriber: Subscriber,
        adapter: Adapter,
        clock: Clock,
        publisher: Publisher,
        observer: Observer,
        *,
        concurrency: int,
        random: Random,
    ) -> None:
        self._name = subscriber.subscription.name
        self._lease = subscriber.subscription.visibility_timeout
        self._concurrency = subscriber.concurrency or concurrency
        self._attempt = Attempt(
            subscriber, publisher, random, anyio.CapacityLimiter(self._concurrency)
        )
        self._adapter = adapter
        self._clock = clock
        self._observer = observer
        self._intake = anyio.Lock(fast_acquire=True)
        self._intake_scope = anyio.CancelScope()
        self._received: deque[Delivery] = deque()
        self._in_flight: dict[int, Delivery] = {}
        self._slots = 0
        self._stopping = False

    async def run(self) -> None:
        """Work until :meth:`stop`, then finish what is under way.

        When it is cancelled, what is under way is given back to the queue at once.
        """
        try:
            async with anyio.create_task_group() as beside:
                beside.start_soon(self._keep_leases)
                async with anyio.create_task_group() as slots:
                    self._add_slot(slots)
                beside.cancel_scope.cancel()
        finally:
            while self._received:
                await self._give_back(self._received.popleft(), None)

    def stop(self) -> None:
        """Receive no more. Idempotent."""
        self._stopping = True
        self._intake_scope.cancel()

    def _add_slot(self, slots: TaskGroup) -> None:
        self._slots += 1
        slots.start_soon(self._slot, slots, name=f"eventroute {self._name} {self._slots}")

    async def _slot(self, slots: TaskGroup) -> None:
        while (delivery := await self._next(slots)) is not None:
            await self._make(delivery)

    async def _next(self, slots: TaskGroup) -> Delivery | None:
        async with self._intake:
            if not self._received:
                await self._fill()
            if self._stopping:
                return None
            delivery = self._received.popleft()
            self._in_flight[id(delivery)] = delivery
            if len(self._in_flight) >= self._slots < self._concurrency:
                self._add_slot(slots)  # so that somebody receives while all others handle
            return delivery

    async def _fill(self) -> None:
        failures = 0
        free = self._concurrency - len(self._in_flight)
        limit = min(free, self._adapter.capabilities.batch_size)
        with anyio.CancelScope() as self._intake_scope:
            while not self._received and not self._stopping:
                try:
                    self._received.extend(
                        await self._adapter.receive(self._name, limit=limit, wait=LONG_POLL)
                    )
                except Exception:
                    pause = min(LONGEST_PAUSE, 2.0**failures)
                    failures += 1
                    logger.exception("%s: receive failed; again in %.0f s", self._name, pause)
                    await self._clock.sleep(pause)

    async def _make(self, delivery: Delivery) -> None:
        verdict: Verdict | None = None
        try:
            verdict = await self._attempt.make(delivery)
        except BaseException as error:  # cancelled, or the process is told to end
            await self._give_back(delivery, error)
            await self._attempt.close(delivery)
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise ProgramExitError from error
            raise
        finally:
            # What is being settled is extended no more: a late extension would undo a release.
            del self._in_flight[id(delivery)]
        await self._settle(verdict)
        await self._attempt.close(delivery)

    async def closed(self) -> bool:
        """Wait until nothing is left to clean up; say whether there was anything."""
        return await self._attempt.closed()

    async def _give_back(self, delivery: Delivery, error: BaseException | None) -> None:
        outcome = Outcome(OutcomeKind.RELEASED, delivery, error=error)
        await self._settle(Verdict(Release(delivery, counted=False), outcome))

    async def _settle(self, verdict: Verdict) -> None:
        outcome = verdict.outcome
        error: Exception | None = TimeoutError(f"the backend did not answer for {LAST_CALL} s")
        # What was handled is settled even when the worker is cancelled meanwhile.
        with anyio.move_on_after(LAST_CALL, shield=True):
            error = await self._try_to_settle(verdict.settlement)
            if error is not None and isinstance(verdict.settlement, Bury):
                # The queue keeps what the dead-letter queue does not take.
                await self._try_to_settle(Release(outcome.delivery, LONGEST_PAUSE))
        if error is not None:
            outcome = Outcome(OutcomeKind.LOST, outcome.delivery, outcome.payload, error)
        log_outcome(outcome, verdict.settlement)
        self._observer(outcome)

    async def _try_to_settle(self, settlement: Settlement) -> Exception | None:
        for pause in (*SETTLE_PAUSES, None):
            try:
                (error,) = await self._adapter.settle([settlement])
            except Exception as raised:
                if pause is None:
                    return raised
                await anyio.sleep(pause)
            else:
                return error
        return None

    async def _keep_leases(self) -> None:
        while True:
            await self._clock.sleep(self._lease / 3)
            held = [*self._in_flight.values(), *self._received]
            if not held:
                continue
            try:
                errors = await self._adapter.settle([Extend(one, self._lease) for one in held])
            except Exception:
                logger.exception("%s: leases were not extended", self._name)
                continue
            for delivery, error in zip(held, errors, strict=True):
                if error is not None and id(delivery) in self._in_flight:
                    logger.warning("%s: lease not extended: %s", self._name, error)
