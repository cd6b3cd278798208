"""The port: what an adapter implements, and all of eventroute that it needs to know.

An adapter moves bytes and keeps leases. It knows nothing of handlers, retries, contracts or
idempotency: those live once, in :mod:`eventroute.delivery`. An adapter's package exposes a
:class:`AdapterFactory` under the entry-point group ``eventroute.adapters``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import (
    TYPE_CHECKING,
    ClassVar,
    Final,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    final,
    runtime_checkable,
)

from eventroute.envelope import Event
from eventroute.errors import EventError, EventRouteError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from eventroute.clock import Clock
    from eventroute.pattern import Pattern
    from eventroute.topology import Topology

__all__ = [
    "NO_HEADERS",
    "REPLAYED",
    "VERSION",
    "Ack",
    "Adapter",
    "AdapterFactory",
    "Archive",
    "ArchiveState",
    "Bury",
    "Capabilities",
    "Change",
    "DeadLetter",
    "DeadSettlement",
    "Delivery",
    "DescribedArchive",
    "Discard",
    "Extend",
    "Guarded",
    "Headers",
    "Keep",
    "Leftover",
    "Outgoing",
    "Provisioned",
    "QueueDepth",
    "Recording",
    "Redrive",
    "Release",
    "Replay",
    "Role",
    "Settlement",
    "Tidied",
    "answering_at_once",
    "answers_at_once",
    "version_in",
    "with_version",
]

Headers: TypeAlias = Mapping[str, str]
"""What travels beside an event, such as a trace context. Names of eventroute's own begin with
``eventroute-``; names are ASCII letters, digits, ``-``, ``_`` and ``.``."""

NO_HEADERS: Final[Headers] = MappingProxyType({})

REPLAYED: Final = "eventroute-replayed"
"""Header of an event that came from an archive: when the replay was asked for, RFC 3339; where
somebody else asked the backend for it, what that calls the replay."""

VERSION: Final = "eventroute-version"
"""Header of an event that fits another version of its type's contract than 1: which one."""

_MOST_DIGITS: Final = 9
_AT_ONCE: Final = "__eventroute_at_once__"

Method = TypeVar("Method", bound="Callable[..., object]")


def with_version(headers: Headers, version: int | None) -> Headers:
    """Headers that name the version of a contract; version 1 goes without saying."""
    if version is None or version == 1:
        return headers
    return {**headers, VERSION: str(version)}


def version_in(headers: Headers) -> int | None:
    """The version of a contract that headers name; ``None`` where they name none."""
    text = headers.get(VERSION, "")
    plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if plain and text[0] != "0" else None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do. What is not declared here is refused when the bus opens.

    :ivar ordered: keeps the order of events that share an ordering key.
    :ivar durable: keeps acknowledged events when the process dies.
    :ivar multi_process: several processes may work on one queue.
    :ivar max_event_bytes: largest envelope, in bytes of JSON text; ``None`` is unlimited.
    :ivar max_release_delay: longest delay of a `Release`, in seconds; ``None`` is unlimited.
    :ivar max_publish_delay: longest delay of an `Outgoing`, in seconds; ``None`` is unlimited,
        0 is none at all.
    :ivar batch_size: most entries of one call of ``publish``, ``receive`` or ``settle``.
    :ivar filtering: how much of a pattern the backend evaluates itself: the name of a
        :class:`~eventroute.pattern.narrow.Dialect`, ``"full"`` for all of it, ``None`` for
        nothing. What it lets through too much, the worker filters.
    :ivar fan_out_lag: seconds that an accepted event may be on its way before its queues count it;
        0 where a publish returns after that. Queues are taken for empty only when they stay so.
    :ivar linger: seconds for which settlements and receives may wait for handlers that are about to
        end, so as to share requests; 0 where a request costs next to nothing.
    :ivar native_dead_letters: whether the backend itself dead-letters an event that was received
        too often, which then carries no reason.
    :ivar max_attempts: attempts that an event can have at most, before the backend does so;
        ``None`` is unlimited.
    :ivar when_too_large: what to do about an event over ``max_event_bytes``, for messages.
    :ivar targets: the ``kind`` of each target of :mod:`eventroute.targets` that the backend
        delivers to.
    """

    ordered: bool
    durable: bool
    multi_process: bool
    max_event_bytes: int | None
    max_release_delay: float | None
    max_publish_delay: float | None
    batch_size: int
    filtering: str | None = "full"
    native_dead_letters: bool = False
    max_attempts: int | None = None
    when_too_large: str = "Store the payload elsewhere and publish a reference to it"
    fan_out_lag: float = 0.0
    linger: float = 0.0
    targets: frozenset[str] = frozenset()


@final
@dataclass(frozen=True, init=False)
class Outgoing:
    """An event on its way to the backend.

    :ivar headers: travel with it to each delivery.
    :ivar delay: seconds until it counts as published; in an ordered subscription too it takes
        its place only then.
    """

    event: Event
    headers: Headers
    delay: float

    def __init__(self, event: Event, headers: Headers = NO_HEADERS, delay: float = 0.0) -> None:
        # One is made for each event, and a frozen class sets its members twice as slowly.
        members = self.__dict__
        members["event"] = event
        members["headers"] = headers
        members["delay"] = delay


@final
@dataclass(frozen=True, init=False)
class Delivery:
    """One attempt to hand one event to one subscription, under a lease.

    :ivar subscription: name of the subscription.
    :ivar body: the envelope as it left the queue.
    :ivar attempt: 1 for the first attempt.
    :ivar lease_ends: when the lease ends, by the adapter's clock, as of ``receive``.
    :ivar receipt: the adapter's own handle on this attempt.
    :ivar headers: as they were published.
    :ivar age: seconds since it was published, as of ``receive``.
    :ivar unreadable: why the body is no event, for people, where the adapter knows better than who
        reads it; ``""`` otherwise.
    """

    subscription: str
    body: bytes
    attempt: int
    lease_ends: float
    receipt: object
    headers: Headers
    age: float
    unreadable: str

    _read: ClassVar[Event | None] = None  # of one delivery, where its adapter has read it

    def __init__(  # noqa: PLR0917  the members, as a dataclass takes them
        self,
        subscription: str,
        body: bytes,
        attempt: int,
        lease_ends: float,
        receipt: object,
        headers: Headers = NO_HEADERS,
        age: float = 0.0,
        unreadable: str = "",
        *,
        event: Event | None = None,
        matched: Pattern | None = None,
    ) -> None:
        """Say what left the queue.

        :param event: what reading the body gives, where the adapter has read it; it may be shared.
        :param matched: see :attr:`matched`.
        """
        # One is made for each attempt, and a frozen class sets its members thrice as slowly.
        members = self.__dict__
        members["subscription"] = subscription
        members["body"] = body
        members["attempt"] = attempt
        members["lease_ends"] = lease_ends
        members["receipt"] = receipt
        members["headers"] = headers
        members["age"] = age
        members["unreadable"] = unreadable
        # No members that count: a delivery with another body, made from this one, has neither.
        if matched is not None:
            members["matched"] = matched
        if event is not None:
            members["_read"] = event

    @cached_property
    def matched(self) -> Pattern | None:
        """The pattern that the backend has evaluated on this very event: all of it, exactly.

        Where it is the subscription's own object, the worker does not evaluate it again. ``None``
        claims nothing.
        """
        return None

    @cached_property
    def event(self) -> Event:
        """The event.

        :raises EventError: the queue holds something that is not an event.
        :raises JSONTextError: the queue holds a document that is too large or too deep.
        """
        try:
            # Whose detail a handler may change.
            event = Event.from_trusted_json(self.body) if self._read is None else self._read.apart()
        except EventRouteError as error:
            if self.unreadable:
                raise EventError(self.unreadable) from error
            raise
        if self.headers and VERSION in self.headers:
            event.contract_version = self.version
        return event

    @property
    def detail_json(self) -> bytes:
        """The payload as the JSON text that was sent. Raises as :attr:`event` does."""
        return (self._read or self.event).detail_json

    @cached_property
    def version(self) -> int | None:
        """Which version of its type's contract the event fits, by what its publisher says.

        ``None`` where it says nothing, as eventroute does of version 1, and strangers do of any.
        """
        return version_in(self.headers)


@final
@dataclass(frozen=True, init=False)
class Ack:
    """The event is done with; remove it from the queue."""

    delivery: Delivery

    def __init__(self, delivery: Delivery) -> None:
        self.__dict__["delivery"] = delivery  # as in `Outgoing`


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
    :ivar traceback: the last frames that it was raised through, a line each; ``""`` where no
        code of the application raised.
    :ivar attempts: how many attempts were made, for the dead letter; ``None`` is as many as
        ``delivery.attempt`` says.
    """

    delivery: Delivery
    reason: str
    error: str
    traceback: str = ""
    attempts: int | None = None


Settlement: TypeAlias = Ack | Release | Extend | Bury


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a subscription could not handle.

    :ivar body: the envelope, byte for byte as it left the queue.
    :ivar reason: see :class:`Bury`, and so ``error`` and ``traceback``.
    :ivar attempts: attempts that were made.
    :ivar id: names it within its dead-letter queue, also in later calls.
    :ivar headers: as they were published.
    :ivar died: when it was dead-lettered; ``None`` where the backend does not say.
    :ivar receipt: the adapter's own handle on it.
    """

    subscription: str
    body: bytes
    reason: str
    error: str
    attempts: int
    id: str
    traceback: str = ""
    headers: Headers = field(default_factory=lambda: NO_HEADERS)
    died: datetime | None = None
    receipt: object = None


@dataclass(frozen=True, slots=True)
class Redrive:
    """Move a dead letter back to the end of its subscription's queue, as a first attempt.

    In an ordered subscription it goes behind those of its key that are there, and waits for them:
    the order in which they were published is given up, one at a time is not.
    """

    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave a dead letter where it is, for others to see at once.

    The letter may come without its contents: only its ``subscription``, ``id`` and ``receipt`` tell
    which one is meant.
    """

    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete a dead letter."""

    letter: DeadLetter


DeadSettlement: TypeAlias = Redrive | Keep | Discard


@dataclass(frozen=True, slots=True)
class Replay:
    """Archived events that are to be delivered again.

    :ivar since: the first moment of publication that counts.
    :ivar until: the first moment that does not.
    :ivar pattern: which of them; ``None`` is all.
    :ivar subscriptions: names of those that get them, where their own pattern matches; ``None``
        is all.
    :ivar progress: is told now and then up to which moment of publication everything was
        delivered, ``None`` before the first event. Where a replay takes no time, it is not.
    """

    since: datetime
    until: datetime
    pattern: Pattern | None = None
    subscriptions: tuple[str, ...] | None = None
    progress: Callable[[datetime | None], None] | None = field(
        default=None, repr=False, compare=False
    )


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

    What is ``async`` here is a coroutine function there: what else can be awaited is not enough.
    Every method raises :class:`~eventroute.errors.AdapterError` when the backend fails in a way
    that a later call may not.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        ...

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """Connect, and create what the topology names. Idempotent: what exists stays.

        With ``provision=False`` it connects to what there is, and creates and changes nothing on
        the backend, whatever the topology says: a subscription that the backend does not have is
        an :class:`~eventroute.errors.AdapterError` when it is asked for. So administrative
        commands open it, perhaps from another version of the application.

        May be called again with another topology: a changed pattern takes effect, new
        subscriptions are created, and those that are missing now keep their queues and go on
        receiving, until they are dropped. After it returns, every subscription named receives
        what is published from then on. A changed ``ordered_by`` orders what waits already, or is
        refused; of the leases of a key one may go on.

        :raises UnsupportedError: the topology asks for what the backend cannot do. Nothing was
            created then.
        :raises ConfigurationError: an option is wrong, or there is nothing to connect to.
        """
        ...

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """Delete the queues of subscriptions with all that they hold. Unknown names are skipped."""
        ...

    async def close(self) -> None:
        """Disconnect. Idempotent. A durable backend keeps everything."""
        ...

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """Hand over up to ``batch_size`` events; one outcome each, in their order.

        ``None`` means accepted: it will reach every subscription whose pattern matches. The call
        may wait for room (backpressure), in all at most ``timeout`` seconds of real time; the
        outcome of an event that found none is a
        :class:`~eventroute.errors.PublishTimeoutError`. A
        :class:`~eventroute.errors.OutcomeUnknownError`, as an outcome or raised, says that the
        event may have been accepted; the bus publishes it again under the same id. A cancelled
        call has handed over each event whole or not at all.
        """
        ...

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """Lease up to ``limit`` events of a subscription.

        Returns as soon as there is one, whether it was published, given back or redriven, or its
        delay or lease ended, and an empty sequence after ``wait`` seconds without. Several calls
        may wait at the same time.

        In an ordered subscription the events of a key come in the order of their places. While one
        is leased, no other call gets a later one of its key. One call may give several of a key,
        in their order: the worker handles them one at a time.

        What a cancelled call had leased comes back when its lease ends, or earlier.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """Apply up to ``batch_size`` settlements; one outcome each, in their order.

        ``None`` means done. :class:`~eventroute.errors.LeaseLostError` as an outcome: the lease
        had ended, and nothing was changed. A `Bury` that fails leaves the event where it is. To
        settle the same delivery twice is harmless: the second outcome is such an error.

        In an ordered subscription a released event keeps its place before all later ones of its
        key, which wait for it while it is delayed; of several that one call gave, the worker
        releases the last one first. Once an event is done with or dead, the next of its key goes
        on.
        """
        ...

    async def depth(self, subscription: str) -> QueueDepth:
        """Count what a subscription's queue holds. May lag on a remote backend."""
        ...

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """Lease up to ``limit`` dead letters, the oldest first where the backend can tell.

        Empty when there are no more. They stay in the dead-letter queue, hidden from other calls
        for ``lease`` seconds, or until they are settled.
        """
        ...

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """Apply up to ``batch_size`` settlements; one outcome each, in their order.

        A `Redrive` that fails leaves the letter where it is.
        :class:`~eventroute.errors.LeaseLostError` as an outcome: nothing was changed.
        """
        ...


@runtime_checkable
class Recording(Protocol):
    """An :class:`Adapter` for tests, which delivers to no target and tells what it would."""

    def routed(self, route: str) -> Sequence[Event]:
        """The latest events that a route's target was due, in order."""
        ...


@runtime_checkable
class Archive(Protocol):
    """An :class:`Adapter` that also keeps what was published, and delivers it again."""

    async def replay(self, replay: Replay) -> int | None:
        """Deliver archived events again; in the order of their publication where order is kept.

        Each carries the header `REPLAYED` beside its own, is a first attempt, and reaches only
        subscriptions that it matches, which may be younger than the event. A cancelled call stops;
        what it had delivered stays.

        :returns: how many events were put into at least one queue; ``None`` where the backend does
            not tell.
        :raises NameNotFoundError: it names a subscription that there is not. Nothing was delivered
            then.
        :raises UnsupportedError: the backend is set up to keep no archive.
        """
        ...


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """What an archive keeps. ``None`` is what the backend does not tell.

    :ivar resource: kind and name, such as ``"archive shop-orders of the event bus orders"``.
    :ivar state: ``"enabled"``, or what the backend calls it.
    :ivar events: how many events it holds.
    :ivar size: bytes of them.
    :ivar since: a moment of publication before which it holds none.
    :ivar retention: seconds that it keeps an event; ``None`` is for ever.
    :ivar capacity: most events that it keeps; ``None`` is no limit.
    :ivar notes: what else is to be known, a sentence each.
    """

    resource: str
    state: str
    events: int | None
    size: int | None
    since: datetime | None
    retention: float | None
    capacity: int | None = None
    notes: tuple[str, ...] = ()


@runtime_checkable
class DescribedArchive(Archive, Protocol):
    """An :class:`Archive` that tells what it keeps."""

    async def describe_archive(self) -> ArchiveState:
        """Look at the archive. May lag on a remote backend.

        :raises UnsupportedError: the backend is set up to keep no archive.
        """
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs between a topology and what there is on the backend.

    :ivar action: what brings them together.
    :ivar resource: kind and name, such as ``"queue eventroute-billing-invoice"``.
    :ivar details: what differs, a line each; empty where the action says it all.
    """

    action: Literal["create", "change", "delete"]
    resource: str
    details: tuple[str, ...] = ()


@runtime_checkable
class Provisioned(Protocol):
    """An :class:`Adapter` whose resources outlive it, and can be looked at before they change."""

    async def plan(self, topology: Topology) -> Sequence[Change]:
        """What :meth:`Adapter.open` would create or change, in order. Changes nothing."""
        ...

    async def apply(self, topology: Topology) -> Sequence[Change]:
        """Do what :meth:`plan` tells, even where opening would not. Idempotent.

        :returns: what was done, in order.
        :raises UnsupportedError: the topology asks for what the backend cannot do. Nothing was
            changed then.
        """
        ...

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        """Delete everything that eventroute made under this configuration, and nothing else.

        :param dry_run: only tell.
        :returns: what was deleted, or would be, in order.
        """
        ...


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a backend keeps for a subscription that is not declared.

    :ivar subscription: its name, as it was declared.
    :ivar resources: kind and name of each.
    :ivar events: about how many events wait there for nobody.
    :ivar dead: about how many dead letters.
    """

    subscription: str
    resources: tuple[str, ...]
    events: int
    dead: int


@runtime_checkable
class Tidied(Protocol):
    """A :class:`Provisioned` that finds what earlier versions of an application have left."""

    async def leftovers(self, topology: Topology) -> Sequence[Leftover]:
        """What the backend keeps under this configuration for subscriptions not in the topology.

        Another application may have declared them: only people can tell. :meth:`Adapter.drop`
        deletes it. Changes nothing.
        """
        ...


Role: TypeAlias = Literal["publisher", "consumer", "provisioner"]
"""What a process does with a backend."""


@runtime_checkable
class Guarded(Protocol):
    """An :class:`Adapter` whose backend asks who may do what."""

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        """The policy that lets a role do its work on a topology and nothing else, as JSON values.

        Publishers and consumers are let look at what there is where opening does so, and change
        nothing: a provisioner comes before them.
        """
        ...


def answering_at_once(method: Method) -> Method:
    """Mark a method of an adapter that never gives way to other tasks, such as one in memory.

    Calling it then takes no protection against being cancelled, and no limit of time. Only
    ``settle`` is asked for the mark. A method in its place has none of its own, be it of a derived
    class or one that wraps it.
    """
    setattr(method, _AT_ONCE, _code_of(method))  # functools.wraps copies marks, but no code
    return method


def answers_at_once(method: object) -> bool:
    """Whether a method is marked with :func:`answering_at_once`."""
    return getattr(method, _AT_ONCE, None) is _code_of(method) is not None


def _code_of(method: object) -> object:
    return getattr(method, "__code__", None)


class AdapterFactory(Protocol):
    """What an entry point in ``eventroute.adapters`` names. It does no I/O."""

    def __call__(self, options: Mapping[str, object], clock: Clock) -> Adapter:
        """Make an adapter.

        :param options: the backend's own table of ``eventroute.toml``.
        :param clock: time for delays and leases.
        :raises ConfigurationError: an option is unknown or has a wrong value.
        """
        ...
