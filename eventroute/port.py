"""The port: what an adapter implements, and all of eventroute that it needs to know.

An adapter moves bytes and keeps leases. It knows nothing of handlers, retries, contracts or
idempotency: those live once, in :mod:`eventroute.delivery`. An adapter's package exposes a
:class:`AdapterFactory` under the entry-point group ``eventroute.adapters``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias, final

from eventroute.envelope import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.clock import Clock
    from eventroute.errors import EventRouteError
    from eventroute.topology import Topology

__all__ = [
    "Ack",
    "Adapter",
    "AdapterFactory",
    "Bury",
    "Capabilities",
    "DeadLetter",
    "Delivery",
    "Extend",
    "QueueDepth",
    "Release",
    "Settlement",
]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do. What is not declared here is refused when the bus opens.

    :ivar ordered: keeps the order of events that share an ordering key.
    :ivar durable: keeps acknowledged events when the process dies.
    :ivar multi_process: several processes may work on one queue.
    :ivar max_event_bytes: largest envelope, in bytes of JSON text; ``None`` is unlimited.
    :ivar max_delay: longest delay of a release, in seconds; ``None`` is unlimited.
    :ivar batch_size: most events of one ``publish`` and most deliveries of one ``receive``.
    """

    ordered: bool
    durable: bool
    multi_process: bool
    max_event_bytes: int | None
    max_delay: float | None
    batch_size: int


@final
@dataclass(frozen=True)
class Delivery:
    """One attempt to hand one event to one subscription, under a lease.

    :ivar subscription: name of the subscription.
    :ivar body: the envelope as it left the queue.
    :ivar attempt: 1 for the first attempt.
    :ivar lease_ends: when the lease ends, by the adapter's clock, as of ``receive``.
    :ivar receipt: the adapter's own handle on this attempt.
    """

    subscription: str
    body: bytes
    attempt: int
    lease_ends: float
    receipt: object

    @cached_property
    def event(self) -> Event:
        """The event.

        :raises EventError: the queue holds something that is not an event.
        :raises JSONTextError: the queue holds a document that is too large or too deep.
        """
        return Event.from_trusted_json(self.body)


@dataclass(frozen=True, slots=True)
class Ack:
    """The event is done with; remove it from the queue."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Release:
    """Give the event back; the next attempt may start after ``delay`` seconds.

    :ivar counted: ``False`` where no attempt came to an end, as when a worker stops: the next one
        has the same number, if the backend can do that.
    """

    delivery: Delivery
    delay: float = 0.0
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Extend:
    """Let the lease end ``seconds`` from now."""

    delivery: Delivery
    seconds: float


@dataclass(frozen=True, slots=True)
class Bury:
    """Move the event to the dead-letter queue.

    :ivar reason: short and stable, such as ``"attempts-exhausted"``.
    :ivar error: what the last attempt raised, for people.
    """

    delivery: Delivery
    reason: str
    error: str


Settlement: TypeAlias = Ack | Release | Extend | Bury


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a subscription could not handle.

    :ivar body: the envelope, byte for byte as it left the queue.
    :ivar attempts: attempts that were made.
    """

    subscription: str
    body: bytes
    reason: str
    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many events a queue holds.

    :ivar ready: may be received now.
    :ivar delayed: wait for their time, or for an earlier event with the same ordering key.
    :ivar in_flight: under a lease.
    :ivar dead: in the dead-letter queue.
    :ivar next_due: when the first delayed event becomes ready, by the adapter's clock.
    """

    ready: int
    delayed: int
    in_flight: int
    dead: int
    next_due: float | None = None

    @property
    def outstanding(self) -> int:
        """Events that are neither done with nor dead."""
        return self.ready + self.delayed + self.in_flight


class Adapter(Protocol):
    """A backend. All methods run in one event loop; they may run concurrently.

    Every method raises :class:`~eventroute.errors.AdapterError` when the backend fails in a way
    that a later call may not.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        ...

    async def open(self, topology: Topology) -> None:
        """Connect, and create what the topology names. Idempotent: what exists stays.

        After it returns, every subscription receives what is published.

        :raises UnsupportedError: the topology asks for what the backend cannot do.
        """
        ...

    async def close(self) -> None:
        """Disconnect. Idempotent. A durable backend keeps everything."""
        ...

    async def publish(
        self, events: Sequence[Event], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """Hand over up to ``batch_size`` events; one outcome each, in their order.

        ``None`` means accepted: it will reach every subscription whose pattern matches. The call
        may wait for room (backpressure), in all at most ``timeout`` seconds of real time; the
        outcome of an event that found none is a
        :class:`~eventroute.errors.PublishTimeoutError`. A cancelled call has handed over each
        event whole or not at all.
        """
        ...

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """Lease up to ``limit`` events of a subscription.

        Returns as soon as there is one, and an empty sequence after ``wait`` seconds without.
        What a cancelled call had leased comes back when its lease ends, or earlier.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """Apply settlements; one outcome each, in their order.

        :class:`~eventroute.errors.LeaseLostError` as an outcome: the lease had ended, and
        nothing was changed. A `Bury` that fails leaves the event where it is.
        """
        ...

    async def depth(self, subscription: str) -> QueueDepth:
        """Count what a subscription's queue holds. May lag on a remote backend."""
        ...

    async def dead_letters(self, subscription: str, *, limit: int) -> Sequence[DeadLetter]:
        """The oldest dead letters of a subscription, at most ``limit``; they stay there."""
        ...


class AdapterFactory(Protocol):
    """What an entry point in ``eventroute.adapters`` names. It does no I/O."""

    def __call__(self, options: Mapping[str, object], clock: Clock) -> Adapter:
        """Make an adapter.

        :param options: the backend's own table of ``eventroute.toml``.
        :param clock: time for delays and leases.
        :raises ConfigurationError: an option is unknown or has a wrong value.
        """
        ...
