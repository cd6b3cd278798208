"""Works off one subscription: receive, attempt, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from eventroute.delivery.attempt import Attempt
from eventroute.delivery.health import Health, HealthObserver, HealthState, Vitals
from eventroute.delivery.intake import Intake
from eventroute.delivery.leases import keep_leases
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.report import log_outcomes, logger
from eventroute.delivery.settling import LONGEST_PAUSE, Settler
from eventroute.delivery.verdict import Verdict, given_back
from eventroute.port import Release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from anyio.abc import TaskGroup

    from eventroute.clock import Clock
    from eventroute.delivery.lanes import Lanes
    from eventroute.delivery.outcome import Observer
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Adapter, Delivery
    from eventroute.publisher import Publisher

__all__ = ["ProgramExitError", "Worker"]


class ProgramExitError(Exception):
    """A handler ended the program; its cause says how.

    asyncio stops in its tracks when a task lets ``SystemExit`` out, and leaves the others behind.
    """


class Worker:
    """Slots that share one intake: a free slot receives for itself and for the other free ones.

    So no event is leased before there is a slot for it, and one call fills many slots. A slot
    whose handler does not wait handles all of it by itself, without waking the others.
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
        health_observer: HealthObserver,
    ) -> None:
        self._subscriber = subscriber
        self._name = subscriber.subscription.name
        self._concurrency = subscriber.concurrency or concurrency
        self._attempt = Attempt(
            subscriber,
            publisher,
            random,
            clock,
            threads=anyio.CapacityLimiter(self._concurrency),
            longest_delay=adapter.capabilities.max_release_delay,
        )
        self._adapter = adapter
        self._clock = clock
        self._observer = observer
        self._vitals = Vitals(self._name, clock, health_observer)
        self._stopping = False
        self._pausing = anyio.CancelScope()
        self._begin()

    def _begin(self) -> None:
        self._intake = Intake(self._subscriber, self._adapter, self._clock, self._vitals)
        self._settler = Settler(self._adapter, self._settled)
        self._in_flight: dict[int, Delivery] = {}
        self._slots = 0
        self._parked: list[anyio.Event] = []
        self._spare_comes = False
        self._receiving = False

    @property
    def health(self) -> Health:
        """How it fares."""
        return self._vitals.health

    @property
    def resumes(self) -> float | None:
        """When it goes on by itself, by the clock; ``None`` while it handles or receives."""
        return None if self._in_flight else self._intake.resumes

    async def run(self) -> None:
        """Work until :meth:`stop`, then finish what is under way.

        When it is cancelled, what is under way is given back to the queue at once. An error that
        is no handler's is logged, and the work begins again after a pause.
        """
        failures = 0
        try:
            while not self._stopping:
                began = self._clock.now()
                try:
                    await self._work()
                except Exception as error:
                    if _ends_program(error):
                        raise
                    if self._clock.now() - began > LONGEST_PAUSE:
                        failures = 0
                    pause = min(LONGEST_PAUSE, 2.0**failures)
                    failures += 1
                    logger.exception("%s: the worker failed; again in %.0f s", self._name, pause)
                    self._vitals.become(HealthState.FAILING, error)
                    with anyio.CancelScope() as self._pausing:
                        await self._clock.sleep(pause)
                    self._begin()
        finally:
            self._vitals.become(HealthState.STOPPED)

    async def _work(self) -> None:
        self._vitals.become(HealthState.RUNNING)
        try:
            async with anyio.create_task_group() as beside:
                beside.start_soon(
                    keep_leases,
                    self._subscriber.subscription,
                    self._adapter,
                    self._clock,
                    self._held,
                )
                async with anyio.create_task_group() as slots:
                    self._add_slot(slots)
                beside.cancel_scope.cancel()
        finally:
            for delivery in reversed(list(self._intake.held())):
                self._settler.add(given_back(delivery))
            await self._settler.flush()

    def stop(self) -> None:
        """Receive no more. Idempotent."""
        self._stopping = True
        self._intake.stop()
        self._pausing.cancel()
        while self._parked:
            self._parked.pop().set()

    def _held(self) -> Sequence[Delivery]:
        return [*self._in_flight.values(), *self._intake.held()]

    def _add_slot(self, slots: TaskGroup) -> None:
        self._slots += 1
        slots.start_soon(self._slot, slots, name=f"eventroute {self._name} {self._slots}")

    async def _slot(self, slots: TaskGroup) -> None:
        ready = self._intake.ready
        while True:
            self._spare_comes = False
            while ready and not self._stopping:
                delivery = ready.popleft()
                self._in_flight[id(delivery)] = delivery
                if not (self._spare_comes or self._receiving):
                    self._call_spare(slots)  # to receive, or handle, while this one handles
                await self._make(delivery)
            await self._settler.flush()
            if self._stopping:
                return
            if ready:
                continue
            free = self._free()
            if self._receiving or free <= 0:
                await self._park()
                continue
            self._receiving = True
            try:
                await self._intake.fill(free)
            finally:
                self._receiving = False

    def _free(self) -> int:
        waiting = 0 if self._intake.lanes is None else len(self._intake.lanes)
        return self._concurrency - len(self._in_flight) - waiting

    def _call_spare(self, slots: TaskGroup) -> None:
        if self._parked:
            self._parked.pop().set()
            self._spare_comes = True
        elif self._slots < self._concurrency:
            self._add_slot(slots)
            self._spare_comes = True

    async def _park(self) -> None:
        call = anyio.Event()
        self._parked.append(call)
        try:
            await call.wait()
        finally:
            if not call.is_set():
                self._parked.remove(call)

    async def _make(self, delivery: Delivery) -> None:
        try:
            verdict = await self._attempt.make(delivery)
        except BaseException as error:  # cancelled, or the process is told to end
            del self._in_flight[id(delivery)]
            self._conclude(given_back(delivery, error))
            await self._settler.flush()
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise ProgramExitError from error
            raise
        # What is being settled is extended no more: a late extension would undo a release.
        del self._in_flight[id(delivery)]
        if self._conclude(verdict):
            await self._settler.flush()

    def _conclude(self, verdict: Verdict) -> bool:
        """Have a verdict settled; say whether that should be now."""
        settlement = verdict.settlement
        if self._intake.lanes is not None and isinstance(settlement, Release):
            # The last one goes back first, and nothing overtakes the one that is tried again.
            for behind in self._intake.lanes.break_off(settlement.delivery):
                self._settler.add(given_back(behind))
        return self._settler.add(verdict)

    def _settled(self, verdicts: Sequence[Verdict], errors: Sequence[Exception | None]) -> None:
        outcomes: list[Outcome] = []
        for verdict, error in zip(verdicts, errors, strict=True):
            outcome = verdict.outcome
            if error is not None and outcome.kind is not OutcomeKind.LOST:
                outcome = Outcome(OutcomeKind.LOST, outcome.delivery, outcome.payload, error)
            outcomes.append(outcome)
            if self._intake.lanes is not None:
                self._move_on(self._intake.lanes, outcome)
        if self._intake.lanes is not None and self._parked:
            self._parked.pop().set()  # what followed is ready now
        log_outcomes(outcomes, verdicts)
        self._observer(outcomes)

    def _move_on(self, lanes: Lanes, outcome: Outcome) -> None:
        if outcome.kind is OutcomeKind.LOST:
            for behind in lanes.break_off(outcome.delivery):
                self._settler.add(given_back(behind))
        else:
            following = lanes.leave(outcome.delivery)
            if following is not None:
                self._intake.ready.append(following)


def _ends_program(error: Exception) -> bool:
    return isinstance(error, ProgramExitError) or (
        isinstance(error, ExceptionGroup) and error.subgroup(ProgramExitError) is not None
    )
