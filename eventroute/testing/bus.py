"""The application under test, without a cloud and without waiting."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final, Self

import anyio
import anyio.lowlevel

from eventroute.bus import EventBus
from eventroute.delivery import DeadLetterQueue, Outcome, OutcomeKind
from eventroute.delivery.dependencies import stand_in
from eventroute.lifetime import raise_plainly
from eventroute.plugins import load_adapter_factory
from eventroute.port import Recording
from eventroute.short_names import complete
from eventroute.testing.clock import SteppingClock, VirtualClock
from eventroute.testing.faults import FaultLog, Faults, with_faults
from eventroute.testing.faults.adapter import FaultyAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from anyio.abc import TaskGroup

    from eventroute.delivery.depends import Factory
    from eventroute.envelope import Event
    from eventroute.idempotency.port import IdempotencyStore
    from eventroute.port import QueueDepth
    from eventroute.registry import ContractPolicy
    from eventroute.router import Router

__all__ = ["TestBus"]

_TURNS: Final = 5
"""Turns of the event loop after which who has begun to wait for the clock does wait for it."""


class TestBus(EventBus):
    """An :class:`~eventroute.EventBus` in memory whose workers run while it is open.

    >>> async def test_large_orders_are_reviewed():
    ...     async with TestBus(router) as bus:
    ...         await bus.publish(order)
    ...         await bus.settled()
    ...         assert bus.handled("review") == [order]

    Retry delays pass at once, on a virtual clock, and jitter is drawn from a fixed seed. Enter it
    inside the test, not in a fixture: its workers belong to the task that enters it.

    :param options: options of the in-memory backend, such as ``{"capacity": 10}``.
    :param faults: what goes wrong; a test that fails says which faults there were, and the seed.
    """

    __test__ = False  # pytest: the name begins with Test, the class is no test

    def __init__(
        self,
        *routers: Router,
        options: Mapping[str, object] | None = None,
        contracts: ContractPolicy | None = None,
        concurrency: int = 10,
        grace: float = 1.0,
        publish_timeout: float = 5.0,
        idempotency_store: IdempotencyStore | None = None,
        seed: int = 0,
        faults: Faults | None = None,
    ) -> None:
        self._virtual_clock = VirtualClock()
        self._fault_log = FaultLog(faults or Faults())
        memory = load_adapter_factory("memory")
        super().__init__(
            memory if faults is None else with_faults(memory, faults, log=self._fault_log),
            options=options,
            contracts=contracts,
            concurrency=concurrency,
            grace=grace,
            publish_timeout=publish_timeout,
            idempotency_store=idempotency_store,
            clock=self._virtual_clock,
            random=Random(seed),  # noqa: S311  repeatable jitter is the point
        )
        self.include(*routers)
        self._outcomes: list[Outcome] = []
        self._tasks: TaskGroup

    @property
    def clock(self) -> VirtualClock:
        """The virtual clock."""
        return self._virtual_clock

    @property
    def faults(self) -> FaultLog:
        """What went wrong so far; nothing, where no ``faults=`` were asked for."""
        return self._fault_log

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(partial(self.run, handle_signals=False))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is None:
            self.stop()
        else:
            self._tasks.cancel_scope.cancel()
            if self._fault_log.injected:
                exc.add_note(str(self._fault_log))
        try:
            # A failed assertion goes on as it is, not wrapped into the task group's error.
            if isinstance(exc, anyio.get_cancelled_exc_class()):
                await self._tasks.__aexit__(exc_type, exc, traceback)
            else:
                await self._tasks.__aexit__(None, None, None)
        except BaseExceptionGroup as errors:
            raise_plainly(errors)
        finally:
            await super().__aexit__(exc_type, exc, traceback)

    def override(self, factory: Factory, replacement: Factory) -> Self:
        """Call another factory in the place of one that handlers depend on.

        :param replacement: what is called instead; ``lambda: fake`` for a value.
        :raises LookupError: no handler of this bus depends on the factory.
        :raises DeclarationError: the replacement asks for what it cannot be given.
        """
        if not any(
            found.factory is factory
            for subscriber in self.subscribers
            for _, dependency in subscriber.handler.dependencies
            for found in dependency.walk()
        ):
            raise LookupError(f"no handler of this bus depends on {factory!r}")
        self._overrides[id(factory)] = stand_in(replacement)
        return self

    async def settled(self, *, timeout: float = 30.0) -> None:
        """Return when every event is handled or dead-lettered, with all that followed from it.

        Jumps over retry delays. A handler that waits in real time is waited for in real time.

        :param timeout: seconds of real time; a handler may be waiting for something that never
            comes.
        :raises TimeoutError: naming the queues that still hold events.
        """
        depths: dict[str, QueueDepth] = {}
        with anyio.move_on_after(timeout):
            while True:
                change = self._observations.next_change()
                depths.clear()
                for one in self.subscribers:
                    depths[one.subscription.name] = await self.depth(one.subscription.name)
                if not any(depth.outstanding for depth in depths.values()):
                    workers = [] if self._crew is None else list(self._crew.workers().values())
                    if not [worker for worker in workers if await worker.closed()]:
                        return
                    continue  # clean-up may publish
                due = self._due(depths)
                if due is None:
                    if not any(depth.in_flight for depth in depths.values()):
                        await self._wake_workers(change)
                    await change.wait()
                    continue
                for _ in range(_TURNS):
                    await anyio.lowlevel.checkpoint()
                if not change.is_set():
                    self._virtual_clock.advance_to(due)
                    await anyio.lowlevel.checkpoint()
        for name in depths:  # what was looked at last may be from before it changed
            depths[name] = await self.depth(name)
        unsettled = "; ".join(
            f"{name} has {depth.ready} ready, {depth.delayed} delayed, {depth.in_flight} in flight"
            for name, depth in depths.items()
            if depth.outstanding
        )
        raise TimeoutError(f"not settled within {timeout} s of real time: {unsettled}")

    def _due(self, depths: Mapping[str, QueueDepth]) -> float | None:
        """When something happens by itself; ``None`` while something is under way."""
        workers = {} if self._crew is None else self._crew.workers()
        due = [depth.next_due for depth in depths.values() if depth.next_due is not None]
        due += [one.repeats for one in workers.values() if one.repeats is not None]
        for name, depth in depths.items():
            if depth.ready or depth.in_flight:
                resumes = workers[name].resumes(depth.ready) if name in workers else None
                if resumes is None:
                    return None
                due.append(resumes)
        return min(due)

    async def _wake_workers(self, change: anyio.Event) -> None:
        """Let time pass where every worker waits for it, although there are events to take."""
        while not change.is_set():
            for _ in range(10 * _TURNS):
                await anyio.lowlevel.checkpoint()
                if change.is_set():
                    return
            await anyio.wait_all_tasks_blocked()
            names = [one.subscription.name for one in self.subscribers]
            depths = [await self.depth(name) for name in names]
            alarm = self._virtual_clock.next_alarm()
            if alarm is None or any(depth.in_flight for depth in depths):
                return
            self._virtual_clock.advance_to(alarm)

    def dlq(self, subscription: str) -> DeadLetterQueue:
        """See :meth:`EventBus.dlq`; a ``rate=`` passes on the virtual clock."""
        clock = SteppingClock(self._virtual_clock)
        return DeadLetterQueue(self._adapter, super().dlq(subscription).subscription, clock)

    def handled(self, subscription: str | Callable[..., object]) -> list[object]:
        """What a subscription has handled, in order: payloads, or events where it takes none.

        :param subscription: its name, or the handler itself.
        """
        return [
            outcome.payload
            for outcome in self.outcomes(subscription)
            if outcome.kind is OutcomeKind.HANDLED
        ]

    def routed(self, route: str) -> list[Event]:
        """The events that a route's target was due, in order; no target is called in a test.

        :param route: its name; ``thumbnail`` is enough for ``images.thumbnail``.
        :raises NameNotFoundError: there is no such route.
        """
        name = complete(route, [one.name for one in self.routes], kind="routes")
        adapter = self._adapter
        while isinstance(adapter, FaultyAdapter):
            adapter = adapter.adapter
        return list(adapter.routed(name)) if isinstance(adapter, Recording) else []

    def outcomes(self, subscription: str | Callable[..., object]) -> list[Outcome]:
        """Every settled attempt of a subscription, in order."""
        name = self._name_of(subscription)
        return [one for one in self._outcomes if one.delivery.subscription == name]

    def _name_of(self, subscription: str | Callable[..., object]) -> str:
        if isinstance(subscription, str):
            return self.full_name(subscription)
        for one in self.subscribers:
            if one.handler.function is subscription:
                return one.subscription.name
        raise LookupError(f"{subscription!r} handles no subscription of this bus")

    def _observe(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes += outcomes
        super()._observe(outcomes)
