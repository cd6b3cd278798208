"""The bus: what an application publishes to and runs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import anyio

from eventroute.clock import SystemClock
from eventroute.connection import Connection
from eventroute.declarations import Declarations
from eventroute.delivery import Counts, DeadLetterQueue, Health, Outcome, Worker
from eventroute.delivery.middleware import checked, publish_through
from eventroute.delivery.report import logger
from eventroute.delivery.requirements import check_requirements, check_routes
from eventroute.delivery.stores import Stores
from eventroute.envelope import Event
from eventroute.errors import (
    ConfigurationError,
    DeclarationError,
    EventRouteError,
    NotOpenError,
    PublishError,
)
from eventroute.event_type import as_event, as_events
from eventroute.lifetime import Crew
from eventroute.observations import Observations
from eventroute.plugins import load_adapter_factory
from eventroute.publisher import Publisher
from eventroute.publishing import Publishing, checked_headers, checked_version
from eventroute.replay import describe_archive, replay_archive
from eventroute.topology import Topology
from eventroute.until_empty import UntilEmpty

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from random import Random
    from types import TracebackType

    from pydantic import BaseModel

    from eventroute.clock import Clock
    from eventroute.delivery import Subscriber
    from eventroute.delivery.dependencies import Dependency
    from eventroute.delivery.health import HealthObserver
    from eventroute.delivery.middleware import Middleware
    from eventroute.delivery.where import Where
    from eventroute.event_type import EventType
    from eventroute.idempotency.port import IdempotencyStore
    from eventroute.pattern import Pattern
    from eventroute.port import Adapter, AdapterFactory, ArchiveState, DeadLetter, QueueDepth
    from eventroute.registry import ContractPolicy
    from eventroute.router import Router
    from eventroute.targets import InputTransformer, Target
    from eventroute.topology import Route

__all__ = ["EventBus"]

_ARCHIVE: Final = "the archive is on the backend; open the bus: 'async with bus:'"


class EventBus(Publisher):
    """Routers on a backend.

    A bus is made at import time and does no I/O until it is opened: with ``async with bus`` to
    publish, with ``await bus.run()`` to work. It belongs to the event loop that opened it: from
    another thread, call it with :func:`anyio.from_thread.run`.

    :param backend: name of an installed adapter, or an adapter's factory.
    :param options: options of the backend, as its table in ``eventroute.toml`` has them.
    :param contracts: what untyped events are checked against when they are published, and before
        they are handled.
    :param concurrency: most attempts under way at once, for each subscription that does not say.
    :param grace: seconds that handlers have to finish when the bus stops.
    :param publish_timeout: seconds that a publish may take: waiting for room in a full queue, and
        repeating calls that failed.
    :param max_concurrency: most attempts under way at once in this process, of all subscriptions
        together; ``None`` is unlimited.
    :param idempotency_store: remembers what was handled, for subscribers that name no store; on a
        backend that is gone with the process, one in memory when left out.
    :param clock: time for delays and leases; tests move it.
    :param random: draws the jitter of retries; seed it for a repeatable run.
    :param on_health: is told whenever a subscription's worker fares differently; must not wait.
    :raises BackendNotFoundError: no adapter has this name.
    :raises ConfigurationError: an option is unknown or wrong.
    """

    def __init__(
        self,
        backend: str | AdapterFactory = "memory",
        *,
        options: Mapping[str, object] | None = None,
        contracts: ContractPolicy | None = None,
        concurrency: int = 10,
        grace: float = 30.0,
        publish_timeout: float = 30.0,
        max_concurrency: int | None = None,
        idempotency_store: IdempotencyStore | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        on_health: HealthObserver | None = None,
    ) -> None:
        from random import Random  # noqa: PLC0415  heavy, and not needed to declare anything

        self._clock = clock or SystemClock()
        if not isinstance(backend, str) and not callable(backend):
            raise DeclarationError(
                f"EventBus({backend!r}): must be a backend's name, such as 'memory' or 'sqlite', "
                "or an adapter's factory"
            )
        factory = load_adapter_factory(backend) if isinstance(backend, str) else backend
        self._adapter = factory(options or {}, self._clock)
        self._backend = _described(backend, options or {})
        self._concurrency = concurrency
        self._max_concurrency = max_concurrency
        self._grace = grace
        self._publish_timeout = publish_timeout
        self._check_numbers()
        self._random = random or Random()  # noqa: S311  jitter is no secret
        self._contracts = contracts
        published = contracts if contracts is not None and "publish" in contracts.stages else None
        self._publishing = Publishing(self._adapter, published, publish_timeout, self._random)
        self._stores = Stores(idempotency_store, self._clock)
        self._middleware: tuple[Middleware, ...] = ()
        self._overrides: dict[int, Dependency] = {}
        self._declared = Declarations()
        self._connection = Connection(self._adapter, self._declared, self._check)
        self._leaving: dict[str, anyio.Event] = {}
        self._crew: Crew | None = None
        self._shared: anyio.CapacityLimiter | None = None
        self._running = False
        self._stop = anyio.Event()
        self._until_empty = UntilEmpty(
            self._adapter.depth,
            lambda: self.subscribers,
            lag=self._adapter.capabilities.fan_out_lag,
        )
        self._observations = Observations(self._until_empty, on_health)

    @classmethod
    def from_config(
        cls,
        path: str | Path | None = None,
        *,
        idempotency_store: IdempotencyStore | None = None,
    ) -> Self:
        """Make the bus that ``eventroute.toml`` and the ``EVENTROUTE_*`` variables describe.

        :param path: the file; ``EVENTROUTE_CONFIG`` or ``./eventroute.toml`` when left out.
        :param idempotency_store: is used instead of what ``[idempotency]`` names.
        :raises ConfigurationError: naming the file or variable, the key and the remedy.
        """
        from eventroute.config import load_settings  # noqa: PLC0415  pydantic-settings is heavy
        from eventroute.delivery.stores import store_from  # noqa: PLC0415
        from eventroute.registry import policy_from  # noqa: PLC0415

        settings = load_settings(path)
        return cls(
            settings.backend,
            options=settings.options_for(settings.backend),
            contracts=policy_from(settings.registry),
            concurrency=settings.worker.concurrency,
            grace=settings.worker.grace,
            publish_timeout=settings.worker.publish_timeout,
            max_concurrency=settings.worker.max_concurrency,
            idempotency_store=idempotency_store or store_from(settings.idempotency),
        )

    def include(self, *routers: Router) -> None:
        """Add the subscribers of routers, also those that they declare later.

        :raises DeclarationError: the bus is open, something is no router or is there already, or
            there would be two models of one version of an event type.
        """
        if self._connection.is_open:
            raise DeclarationError(
                "include routers before the bus is opened, or use 'await bus.add(router)'"
            )
        for router in routers:
            self._declared.include(router)

    def route(
        self,
        pattern: type[BaseModel] | Pattern | Mapping[str, Any] | str,
        /,
        *,
        to: Target,
        where: Mapping[str, Any] | None = None,
        name: str | None = None,
        input: InputTransformer | None = None,  # noqa: A002  EventBridge's own name
        dead_letter_queue: str | None = None,
    ) -> None:
        """Declare a route; as :meth:`eventroute.Router.route`.

        :raises DeclarationError: the bus is open, or an argument that cannot work.
        """
        from eventroute.router import declared_route  # noqa: PLC0415  a program may publish only

        if self._connection.is_open:
            raise DeclarationError("declare routes before the bus is opened")
        route = declared_route(
            "",
            pattern,
            to,
            where=where,
            name=name,
            transformer=input,
            dead_letter_queue=dead_letter_queue,
        )
        self._declared.add_route(route)

    def use(self, *middleware: Middleware) -> None:
        """Put middleware around every publish and every handler, inside what is there already.

        :raises DeclarationError: the bus is open, or something is no middleware.
        """
        if self._connection.is_open:
            raise DeclarationError("add middleware before the bus is opened")
        self._middleware += checked(middleware)
        self._publishing.around = publish_through(self._middleware)

    async def add(self, router: Router) -> None:
        """Include a router while the bus is open; what it declared is provisioned, and worked off.

        A subscription that was removed before comes back.

        :raises DeclarationError: it is no router, is included already, has a name that is taken, or
            brings a second model of one version of an event type.
        :raises UnsupportedError: it asks for what the backend cannot do. Nothing was added then.
        """
        self._declared.check(router)
        for subscriber in router.subscribers:
            while subscriber.subscription.name in self._leaving:
                await self._leaving[subscriber.subscription.name].wait()
        async with self._connection.lock:
            new = self._declared.added_by(router)
            self._declared.check_models(router)
            known = router in self.routers
            more = () if known else router.routes
            await self._connection.grow((*self.subscribers, *new), (*self.routes, *more))
            if not known:
                self._declared.include(router)
            if self._crew is not None:
                await self._stores.open(new)
            for subscriber in new:
                name = subscriber.subscription.name
                self._declared.restore(name)
                if self._crew is not None and self._connection.is_open:
                    self._crew.add(name, self._worker(subscriber))

    async def remove(self, subscription: str, *, drop: bool = False) -> None:
        """Stop to work off one subscription; its handlers have the grace period to finish.

        Its queue stays and goes on receiving, unless it is dropped. A handler must not remove its
        own subscription: it would be waited for.

        :param subscription: as for :meth:`full_name`.
        :param drop: delete its queue and its dead-letter queue, with all that they hold.
        :raises LookupError: there is no such subscription.
        :raises NotOpenError: the queue cannot be dropped, because the bus is not open.
        """
        name = self.full_name(subscription)
        if drop:
            self._connection.require("a queue is dropped inside 'async with bus:'")
        async with self._connection.lock:
            left = self._leaving[name] = anyio.Event()
            self._declared.remove(name)
        try:
            if self._crew is not None:
                await self._crew.dismiss(name)
            if drop:
                await self._adapter.drop([name])
        finally:
            del self._leaving[name]
            left.set()
        self._observations.changed()

    @property
    def adapter(self) -> Adapter:
        """The backend."""
        return self._adapter

    @property
    def routers(self) -> tuple[Router, ...]:
        """Every router that is included."""
        return self._declared.routers

    @property
    def event_types(self) -> tuple[EventType, ...]:
        """What the application declares: the types that it publishes, and those it subscribes to.

        By topic, name and version. Types that it only publishes are known from
        :meth:`eventroute.Router.publishes`.
        """
        return self._declared.event_types

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Every subscriber of every router; once the bus is open, those that it opened with."""
        return self._declared.subscribers

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route of the bus and of its routers."""
        return self._declared.routes

    @property
    def topology(self) -> Topology:
        """What must exist on the backend."""
        return Topology(tuple(one.subscription for one in self.subscribers), self.routes)

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connection.close()

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[Self]:
        """Open the bus without provisioning: nothing is created or changed on the backend.

        For programs that look at queues, redrive dead letters or replay an archive, and may know
        another version of the subscriptions than those that work on them.

        :raises ConfigurationError: there is no such backend, or nothing that it would connect to.
        """
        await self._connection.open(provision=False)
        try:
            yield self
        finally:
            await self._connection.close()

    async def publish(
        self,
        event: BaseModel | Event,
        *,
        id: str | None = None,  # noqa: A002  the envelope's own name
        time: datetime | None = None,
        resources: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> Event:
        """See :meth:`Publisher.publish <eventroute.publisher.Publisher.publish>`."""
        if isinstance(event, Event):
            if id is not None or time is not None or resources:
                raise DeclarationError(
                    "id=, time= and resources= go with a payload; an Event has its own"
                )
            typed, made = False, event
        else:
            _refuse_version(version, event)
            typed, made = True, as_event(event, id=id, time=time, resources=resources)
        (error,) = await self._publish([made], [typed], headers, delay, at, version=version)
        if error is not None:
            raise error
        return made

    async def publish_many(
        self,
        events: Iterable[BaseModel | Event],
        *,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> list[Event]:
        """See :meth:`Publisher.publish_many <eventroute.publisher.Publisher.publish_many>`."""
        if isinstance(events, Event) or hasattr(events, "model_dump"):  # a model can be iterated
            raise DeclarationError(
                f"publish_many was given one {type(events).__name__}; write bus.publish(event), or "
                "bus.publish_many([event])"
            )
        given = list(events)
        typed = [not isinstance(one, Event) for one in given]
        if True in typed:
            _refuse_version(version, given[typed.index(True)])
        made = as_events(given)
        errors = await self._publish(made, typed, headers, delay, at, version=version)
        if errors.count(None) < len(errors):
            raise PublishError(list(zip(made, errors, strict=True)))
        return made

    async def _publish(
        self,
        events: Sequence[Event],
        typed: Sequence[bool],
        headers: Mapping[str, str] | None,
        delay: float,
        at: datetime | None,
        *,
        version: int | None,
    ) -> list[EventRouteError | None]:
        self._connection.require("the bus is not open; publish inside 'async with bus:'")
        seconds = self._publishing.delay(delay, at)
        return await self._publishing.publish(
            events, typed, checked_headers(headers), seconds, checked_version(version)
        )

    async def run(
        self,
        *,
        handle_signals: bool = True,
        until_empty: bool = False,
        on_stuck: Callable[[], None] | None = None,
    ) -> None:
        """Work off every subscription until :meth:`stop`, SIGINT or SIGTERM.

        Handlers that are under way then have the grace period to finish; the events of those
        that do not are given back. A second signal gives them back at once.

        :param handle_signals: ``False`` leaves signals to the program around it.
        :param until_empty: end when no queue of the bus holds an event any more, as a batch job
            does. What others publish later is not waited for.
        :param on_stuck: is called when handlers do not end although they were cancelled, 40
            seconds after the grace period, 10 after a second signal or at once after a third.
            Only ``os._exit`` ends the program then, as ``eventroute run`` does.
        :raises BaseException: what ended a worker; a worker never ends in silence.
        :raises NotOpenError: the bus is running already.
        """
        if self._running:
            raise NotOpenError("the bus is running already; one run serves all subscriptions")
        self._running = True
        try:
            await self._connection.open()
        except BaseException:
            self._running = False
            raise
        try:
            await self._stores.open(self.subscribers)
            self._crew = crew = Crew(self._grace, on_stuck=on_stuck)
            if self._max_concurrency is not None:
                self._shared = anyio.CapacityLimiter(self._max_concurrency)
            for subscriber in self.subscribers:
                crew.add(subscriber.subscription.name, self._worker(subscriber))
            count = len(self.subscribers)
            logger.info("working on %d subscriptions of the backend %s", count, self._backend)
            await crew.run(
                self._stop,
                handle_signals=handle_signals,
                beside=self._stop_when_empty if until_empty else None,
            )
        finally:
            self._running = False
            self._crew = None
            self._stop = anyio.Event()
            await self._stores.close()
            await self._connection.close()

    async def _stop_when_empty(self) -> None:
        await self._until_empty.wait()
        self.stop()

    def stop(self) -> None:
        """Ask :meth:`run` to end. Idempotent; before a run, it ends that run at once."""
        self._stop.set()
        if self._crew is not None:
            self._crew.stop()

    def _check_numbers(self) -> None:
        limits: dict[str, object] = {"concurrency": self._concurrency}
        if self._max_concurrency is not None:
            limits["max_concurrency"] = self._max_concurrency
        for name, count in limits.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise ConfigurationError(f"{name}={count!r}: must be a whole number from 1")
        for name, value in (("grace", self._grace), ("publish_timeout", self._publish_timeout)):
            if not isinstance(value, int | float) or not 0 <= value < inf:
                raise ConfigurationError(f"{name}={value!r}: must be seconds, 0 or more")

    def _check(self, subscribers: tuple[Subscriber, ...], routes: tuple[Route, ...]) -> None:
        """Refuse what the backend cannot do."""
        capabilities = self._adapter.capabilities
        check_requirements(tuple(map(self._surrounded, subscribers)), capabilities)
        check_routes(routes, capabilities)
        self._stores.check(subscribers, capabilities)

    def _worker(self, subscriber: Subscriber) -> Worker:
        return Worker(
            self._stores.guarded(self._surrounded(subscriber)),
            self._adapter,
            self._clock,
            self,
            self._observe,
            concurrency=self._concurrency,
            random=self._random,
            health_observer=self._observations.fares,
            shared=self._shared,
        )

    def _surrounded(self, subscriber: Subscriber) -> Subscriber:
        middleware = (*self._middleware, *subscriber.middleware)
        contracts = self._contracts
        check = (
            contracts.check_received
            if contracts is not None and "handle" in contracts.stages
            else None
        )
        return replace(
            subscriber, middleware=middleware, overrides=self._overrides, contract_check=check
        )

    def _observe(self, outcomes: Sequence[Outcome]) -> None:
        self._observations.ended(outcomes)

    def health(self) -> dict[str, Health]:
        """How the worker of each subscription fares in this process, by its full name."""
        now = self._clock.now()
        names = [one.subscription.name for one in self.subscribers]
        return {name: self._observations.health(name, now) for name in names}

    def counts(self, subscription: str) -> Counts:
        """How the attempts of a subscription ended, in this process, since the bus was made.

        :param subscription: its full name, or the last part of it where that is unambiguous.
        """
        name = self.full_name(subscription)
        if not self._connection.was_open:
            raise NotOpenError("nothing is counted before the bus is opened: 'async with bus:'")
        return self._observations.counts(name)

    async def depth(self, subscription: str) -> QueueDepth:
        """How many events the subscription's queue and dead-letter queue hold."""
        self._connection.check_loop()
        return await self._adapter.depth(self.full_name(subscription))

    def dlq(self, subscription: str) -> DeadLetterQueue:
        """The dead-letter queue of a subscription: list, show, redrive and discard.

        :param subscription: its full name, or the last part of it where that is unambiguous.
        :raises NotOpenError: the bus is not open.
        """
        if not self._connection.is_open:
            raise NotOpenError("dead letters are on the backend; open the bus: 'async with bus:'")
        return DeadLetterQueue(self._adapter, self.full_name(subscription), self._clock)

    async def dead_letters(self, subscription: str, *, limit: int = 100) -> Sequence[DeadLetter]:
        """Short for ``bus.dlq(subscription).list(limit=limit)``."""
        return await self.dlq(subscription).list(limit=limit)

    async def replay(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        where: Where | None = None,
        to: str | Sequence[str] | None = None,
        progress: Callable[[datetime | None], None] | None = None,
    ) -> int | None:
        """Deliver archived events again, in the order of their publication if the backend keeps it.

        Each carries the header `REPLAYED <eventroute.port.REPLAYED>`, and reaches only
        subscriptions whose pattern it matches.

        :param since: the first moment of publication that counts, with time zone.
        :param until: the first moment that does not; now when left out.
        :param where: an event pattern; every event when left out.
        :param to: names of the subscriptions that get them; all of them when left out.
        :param progress: is told now and then up to which moment everything was delivered, where a
            replay takes its time.
        :returns: how many events were put into at least one queue; ``None`` where the backend does
            not tell.
        :raises UnsupportedError: the backend keeps no archive, or cannot choose events by the
            whole pattern.
        :raises PatternError: the pattern is not valid.
        """
        self._connection.require(_ARCHIVE)
        chosen = [to] if isinstance(to, str) else to
        names = None if chosen is None else [self.full_name(name) for name in chosen]
        return await replay_archive(self._adapter, since, until, where, names, progress)

    async def archive_state(self) -> ArchiveState:
        """What the backend's archive keeps.

        :raises UnsupportedError: the backend keeps no archive.
        """
        self._connection.require(_ARCHIVE)
        return await describe_archive(self._adapter)

    def full_name(self, subscription: str) -> str:
        """Complete the name of a subscription, such as ``invoice`` for ``billing.invoice``.

        :raises NameNotFoundError: no subscription has this name, or several have.
        """
        return self._declared.full_name(subscription)


def _refuse_version(version: int | None, payload: object) -> None:
    if version is not None:
        raise DeclarationError(
            f"version={version!r} goes with an Event; {type(payload).__name__} says its own version"
        )


def _described(backend: str | AdapterFactory, options: Mapping[str, object]) -> str:
    """Which backend it is, for the log, and where its events are, if an option says so."""
    name = backend if isinstance(backend, str) else getattr(backend, "__qualname__", None)
    path = options.get("path")
    shown = name or type(backend).__name__
    return shown if path is None else f"{shown}, {Path(str(path)).expanduser().absolute()}"
