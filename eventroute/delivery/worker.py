"""Works off one subscription: receive, attempt, settle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import cancel_shielded_checkpoint

from eventroute.delivery.attempt import Attempt
from eventroute.delivery.batch_attempt import BatchAttempt
from eventroute.delivery.breaker import Breaker
from eventroute.delivery.giving_way import Watch
from eventroute.delivery.health import Health, HealthObserver, HealthState, Vitals
from eventroute.delivery.intake import Intake
from eventroute.delivery.leases import keep_leases
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.program_end import ProgramExitError, cut_short, ending_of
from eventroute.delivery.report import Report, logger
from eventroute.delivery.settling import LONGEST_PAUSE, Settler, pause_after
from eventroute.delivery.succession import Succession
from eventroute.delivery.threads import Threads
from eventroute.delivery.verdict import Verdict, given_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from anyio.abc import TaskGroup

    from eventroute.clock import Clock
    from eventroute.delivery.outcome import Observer
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Adapter, Delivery
    from eventroute.publisher import Publisher

__all__ = ["ProgramExitError", "Worker"]


class Worker:
    """Slots that share one intake: a free slot receives for itself and for the other free ones.

    So no event is leased before there is a slot for it, and one call fills many slots. A slot
    whose handler does not wait handles all of it by itself, without waking the others.

    :param shared: what all workers of the process share: how many handlers may run at once.
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
        shared: anyio.CapacityLimiter | None = None,
    ) -> None:
        self._subscriber = subscriber
        self._name = subscriber.subscription.name
        self._concurrency = subscriber.concurrency or concurrency
        longest_delay = adapter.capabilities.max_release_delay
        # Of an ordered subscription, the next events wait for a settlement.
        is_ordered = subscriber.subscription.ordered_by is not None
        self._longest_linger = 0.0 if is_ordered else adapter.capabilities.linger
        self._threads = Threads(self._concurrency)
        self._attempt = Attempt(
            subscriber,
            publisher,
            random,
            clock,
            threads=self._threads,
            longest_delay=longest_delay,
        )
        surroundings = self._attempt.surroundings
        self._exits = None if surroundings is None else surroundings.exits
        self._batch = subscriber.batch
        self._batch_attempt = BatchAttempt(self._attempt, subscriber.handler, publisher)
        self._adapter = adapter
        self._clock = clock
        self._observer = observer
        self._report = Report(clock)
        self._shared = shared
        self._vitals = Vitals(self._name, clock, health_observer)
        self._breaker = (
            None
            if subscriber.breaker is None
            else Breaker(subscriber.breaker, clock, longest_delay, self._vitals)
        )
        # Nobody but the backend needs to know what becomes of an event, which is handled alone.
        self._is_simple = (
            subscriber.handler.is_async
            and subscriber.batch is None
            and subscriber.retry.max_age is None
            and self._breaker is None
            and self._exits is None
            and shared is None
            and not (is_ordered or self._longest_linger)
        )
        self._stopping = False
        self._pausing: anyio.CancelScope | None = None
        self._begin()

    def _begin(self) -> None:
        self._intake = Intake(
            self._subscriber, self._adapter, self._clock, self._vitals, self._breaker
        )
        self._settler = Settler(self._adapter, self._settled, self._clock, self._vitals.ring)
        lanes = self._intake.lanes
        self._succession = None if lanes is None else Succession(lanes, self._settler)
        self._in_flight: dict[int, Delivery] = {}
        self._idle: anyio.Event | None = None
        self._keeper: anyio.CancelScope | None = None
        self._slots = 0
        self._held_up = 0
        self._stalled = False
        self._parked: list[anyio.Event] = []
        self._spare_comes = False
        self._receiving = False

    @property
    def health(self) -> Health:
        """How it fares."""
        return self._vitals.health

    def resumes(self, ready: int) -> float | None:
        """When it goes on by itself, by the clock; ``None`` while it handles or receives.

        :param ready: how many events it could receive, which it does before time passes.
        """
        if self._in_flight or (ready and self._intake.is_receiving):
            return None
        return self._settler.resumes or self._intake.resumes

    @property
    def repeats(self) -> float | None:
        """When a settlement that failed is sent again, by the clock."""
        return self._settler.resumes

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
                    pause = pause_after(failures)
                    failures += 1
                    logger.exception("%s: the worker failed; again in %.0f s", self._name, pause)
                    self._vitals.become(HealthState.FAILING, error)
                    with anyio.CancelScope() as self._pausing:
                        if not self._stopping:
                            await self._clock.sleep(pause)
                    self._begin()
        finally:
            self._vitals.become(HealthState.STOPPED)

    async def _work(self) -> None:
        self._become_working()
        try:
            async with anyio.create_task_group() as slots:
                if not self._is_simple:
                    self._keep_leases(slots)
                self._slots = 1
                await self._slot(slots)  # the first one needs no task of its own
        finally:
            self._abandon()
            await self._settler.flush()

    def _become_working(self) -> None:
        is_closed = self._breaker is None or self._breaker.is_closed
        self._vitals.become(HealthState.RUNNING if is_closed else HealthState.PAUSED)

    def stop(self) -> None:
        """Receive no more. Idempotent."""
        self._stopping = True
        self._intake.stop()
        if self._pausing is not None:
            self._pausing.cancel()
        self._threads.ring()
        while self._parked:
            self._parked.pop().set()

    def _held(self) -> Sequence[Delivery]:
        return [*self._in_flight.values(), *self._intake.held()]

    def _abandon(self) -> None:
        for delivery in self._intake.abandon():
            self._settler.add(given_back(delivery))

    def _add_slot(self, slots: TaskGroup) -> None:
        self._slots += 1
        slots.start_soon(self._slot, slots, name=f"eventroute {self._name} {self._slots}")

    async def _slot(self, slots: TaskGroup) -> None:
        try:
            # One for all calls of `receive`: a stop cancels it while there is one, and never else.
            with anyio.CancelScope() as scope:
                await self._receive_and_handle(slots, scope)
        finally:
            self._slots -= 1
            if not self._slots and self._keeper is not None:
                self._keeper.cancel()

    async def _receive_and_handle(self, slots: TaskGroup, scope: anyio.CancelScope) -> None:
        ready = self._intake.ready
        watch = Watch(partial(self._gave_way, slots))
        while True:
            self._spare_comes = False
            while self._is_crowded() and not self._stopping:
                await self._wait_for_thread(slots)
            watch.is_on = False
            await watch.run(self._work_off(watch))
            if self._stopping:
                return
            if ready or self._is_crowded():
                continue
            free = self._free()
            if self._receiving or free <= 0:
                await self._park()
                continue
            self._receiving = True
            try:
                if self._shared is not None:
                    async with self._shared:  # nothing is leased while nobody may handle it
                        free = min(free, max(1, int(self._shared.available_tokens)))
                await self._intake.fill(free, scope)
            finally:
                self._receiving = False

    async def _work_off(self, watch: Watch) -> None:
        """Handle what is ready, and have it settled.

        Others are woken once it gives way to them: to receive, or handle, meanwhile.
        """
        if self._is_simple:
            await self._handle_simply(watch)
        else:
            await self._handle_all(watch)
        await self._linger()
        await self._flush()

    async def _handle_all(self, watch: Watch) -> None:
        ready = self._intake.ready
        while ready and not (self._stopping or self._is_crowded()):
            if self._shared is None:
                await self._handle(watch)
            else:
                await self._handle_in_turn(self._shared, watch)

    async def _handle_simply(self, watch: Watch) -> None:
        """The same where nothing has to be asked between one event and the next."""
        ready, in_flight = self._intake.ready, self._in_flight
        make, add = self._attempt.make, self._settler.add
        while ready and not self._stopping:
            delivery = ready.popleft()
            in_flight[id(delivery)] = delivery
            watch.is_on = True
            try:
                verdict = await make(delivery, 0.0)
            except BaseException as error:
                await self._cut_short((delivery,), error)
                raise
            del in_flight[id(delivery)]
            if add(verdict):
                await self._settler.flush()

    def _is_crowded(self) -> bool:
        """Whether there are more slots than places that threads left to themselves leave free."""
        left = self._threads.left
        return left > 0 and self._slots - self._held_up + left > self._concurrency

    async def _wait_for_thread(self, slots: TaskGroup) -> None:
        """Give up the slot's place until a thread ends that was left to itself."""
        if self._threads.all_left:
            self._abandon()
        await self._flush()
        if self._stopping or not self._is_crowded():
            return
        self._call_spare(slots)  # which may have a place yet
        self._held_up += 1
        try:
            if self._threads.all_left and not self._stalled:
                self._stalled = True
                error = TimeoutError(
                    f"all {self._concurrency} threads are held by calls that went over their time "
                    "limit; nothing is received before one ends"
                )
                logger.error("%s: %s", self._name, error)
                self._vitals.become(HealthState.FAILING, error)
            await self._threads.changed()
        finally:
            self._held_up -= 1
        if self._stalled and not (self._stopping or self._threads.all_left):
            self._stalled = False
            logger.info("%s: a thread has ended; receives again", self._name)
            self._become_working()

    async def _handle_in_turn(self, shared: anyio.CapacityLimiter, watch: Watch) -> None:
        watch.is_on = False  # nobody is woken to wait for a turn
        try:
            shared.acquire_nowait()
        except anyio.WouldBlock:
            await self._flush()  # what was handled must not wait for a turn to handle more
            await shared.acquire()
        try:
            if self._intake.ready and not self._stopping:
                await self._handle(watch)
        finally:
            shared.release()

    async def _linger(self) -> None:
        """Wait a little for handlers that end as well: they share the requests that follow."""
        if self._longest_linger and self._in_flight and not self._stopping:
            with anyio.move_on_after(self._longest_linger):
                if self._idle is None:
                    self._idle = anyio.Event()
                await self._idle.wait()

    async def _flush(self) -> None:
        if self._in_flight:
            await cancel_shielded_checkpoint()  # others may end in the same turn of the loop
        await self._settler.flush()

    def _free(self) -> int:
        waiting = 0 if self._intake.lanes is None else len(self._intake.lanes)
        if self._breaker is not None and not self._breaker.is_closed and self._in_flight:
            return 0  # the probe is under way, or what was begun before the pause
        if self._batch is not None:
            return self._batch.size - waiting
        return self._concurrency - len(self._in_flight) - waiting - self._threads.left

    def _gave_way(self, slots: TaskGroup) -> None:
        """Time may pass while something is held."""
        if self._keeper is None:
            self._keep_leases(slots)
        self._call_spare(slots)

    def _keep_leases(self, slots: TaskGroup) -> None:
        """Extend leases beside the slots, until the last slot ends."""
        keeper = self._keeper = anyio.CancelScope()

        async def keep() -> None:
            with keeper:
                await keep_leases(
                    self._subscriber.subscription, self._adapter, self._clock, self._held
                )

        slots.start_soon(keep, name=f"eventroute leases of {self._name}")

    def _call_spare(self, slots: TaskGroup) -> None:
        """Wake somebody to receive, or handle, unless somebody does or comes already."""
        if self._spare_comes or self._receiving:
            return
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

    async def _handle(self, watch: Watch) -> None:
        """Take what is ready, have it handled, and pass on what to tell the backend."""
        taken: Sequence[Delivery]
        verdicts: Sequence[Verdict]
        if self._batch is None:
            delivery = self._intake.ready.popleft()
            self._in_flight[id(delivery)] = delivery
            taken = (delivery,)
        else:
            taken = self._take_batch(self._batch.size)
        watch.is_on = True
        waited = self._intake.waited
        try:
            if self._batch is None:
                verdicts = (await self._attempt.make(taken[0], waited(taken[0])),)
            else:
                verdicts = await self._batch_attempt.make(taken, waited)
        except BaseException as error:
            await self._cut_short(taken, error)
            raise
        if self._breaker is not None:
            verdicts = self._breaker.weigh(verdicts)
            if not self._breaker.is_closed:
                self._abandon()
        if self._conclude(verdicts):
            await self._settler.flush()
        if self._exits is not None:
            await self._clean_up(taken)

    async def _cut_short(self, taken: Sequence[Delivery], error: BaseException) -> None:
        """Conclude what was cancelled, or what tells the process to end.

        :raises ProgramExitError: it does.
        """
        self._conclude(cut_short(taken, error, self._attempt, self._intake.waited))
        await self._flush()
        await self._clean_up(taken)
        ending = ending_of(error)
        if ending is not None:
            raise ProgramExitError from ending

    async def _clean_up(self, taken: Sequence[Delivery]) -> None:
        if self._exits is not None and self._exits.has(taken):
            await self._settler.flush()
            await self._exits.close(taken)

    async def closed(self) -> bool:
        """Wait until nothing is left to clean up; say whether there was anything."""
        return self._exits is not None and await self._exits.closed()

    def _take_batch(self, size: int) -> Sequence[Delivery]:
        ready, lanes = self._intake.ready, self._intake.lanes
        taken: list[Delivery] = []
        while ready and len(taken) < size:
            delivery: Delivery | None = ready.popleft()
            while delivery is not None:
                taken.append(delivery)
                full = lanes is None or len(taken) == size
                delivery = None if full or lanes is None else lanes.next_of(delivery)
        self._in_flight.update((id(one), one) for one in taken)
        return taken

    def _conclude(self, verdicts: Sequence[Verdict]) -> bool:
        """Have verdicts settled; say whether that should be now."""
        for verdict in verdicts:
            # What is being settled is extended no more: a late extension would undo a release.
            del self._in_flight[id(verdict.settlement.delivery)]
        if self._idle is not None and not self._in_flight:
            self._idle.set()
            self._idle = None
        if self._succession is not None:
            return self._succession.add(verdicts)
        full = False
        for verdict in verdicts:
            full = self._settler.add(verdict)
        return full

    def _settled(
        self, verdicts: Sequence[Verdict], errors: Sequence[Exception | None] | None
    ) -> None:
        self._intake.forget(verdicts)
        outcomes = [verdict.outcome for verdict in verdicts]
        if errors is not None:
            outcomes = [
                outcome if error is None else _lost(outcome, error)
                for outcome, error in zip(outcomes, errors, strict=True)
            ]
        if self._exits is not None:
            for outcome in outcomes:
                self._exits.settled(outcome.delivery)
        if self._succession is not None:
            for outcome in outcomes:
                following = self._succession.settled(outcome)
                if following is not None:
                    self._intake.ready.append(following)
            if self._parked:
                self._parked.pop().set()  # what followed is ready now, or there is room for others
        self._report.log(outcomes, verdicts)
        self._observer(outcomes)


def _lost(outcome: Outcome, error: Exception) -> Outcome:
    if outcome.kind is OutcomeKind.LOST:
        return outcome
    return Outcome(OutcomeKind.LOST, outcome.delivery, outcome.payload, error)


def _ends_program(error: Exception) -> bool:
    return isinstance(error, ProgramExitError) or (
        isinstance(error, ExceptionGroup) and error.subgroup(ProgramExitError) is not None
    )
