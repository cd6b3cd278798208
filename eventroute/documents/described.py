"""What the documents are written from: an application as plain data, without a bus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern import Pattern

__all__ = [
    "Described",
    "DescribedPublisher",
    "DescribedRetry",
    "DescribedRoute",
    "DescribedSubscription",
    "DescribedType",
    "DescribedVersion",
    "Reach",
    "TypeKey",
]

TypeKey: TypeAlias = tuple[str, str]
"""Topic and name of an event type."""


@dataclass(frozen=True, slots=True)
class DescribedVersion:
    """One version of an event type.

    :ivar schema: JSON Schema of ``detail``.
    :ivar declared: whether the application has a model of it.
    :ivar registered: whether the schema is that of the registry, not of the model.
    """

    number: int
    schema: Mapping[str, object] = field(hash=False)
    declared: bool
    registered: bool


@dataclass(frozen=True, slots=True)
class DescribedType:
    """An event type.

    :ivar versions: ascending; empty where a pattern names the type and nobody describes it.
    """

    topic: str
    name: str
    versions: tuple[DescribedVersion, ...] = ()

    @property
    def key(self) -> TypeKey:
        """Topic and name."""
        return self.topic, self.name

    @property
    def description(self) -> str:
        """What its latest schema says of it; may be empty."""
        text = self.versions[-1].schema.get("description") if self.versions else None
        return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class DescribedPublisher:
    """A router that says what it publishes.

    :ivar publishes: topic, name and version of each.
    """

    name: str
    publishes: tuple[tuple[str, str, int], ...]

    @property
    def types(self) -> tuple[TypeKey, ...]:
        """The event types, whatever their versions."""
        return tuple(dict.fromkeys((topic, name) for topic, name, _ in self.publishes))


@dataclass(frozen=True, slots=True)
class Reach:
    """Which events a pattern may let through.

    :ivar types: the known event types of which some event can match.
    :ivar open_topics: the topics that it names without naming a type.
    :ivar any_topic: whether it leaves the topic open, too.
    """

    types: tuple[TypeKey, ...]
    open_topics: tuple[str, ...] = ()
    any_topic: bool = False


@dataclass(frozen=True, slots=True)
class DescribedRetry:
    """When a failed attempt is made again; as :class:`eventroute.Retry`, with names of errors."""

    attempts: int
    first: float
    factor: float
    longest: float
    jitter: bool
    max_age: float | None
    retry_on: tuple[str, ...]
    dead_letter_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DescribedSubscription:
    """A subscription.

    :ivar description: what its handler says of itself; may be empty.
    :ivar reads: topic, name and version of the model that its handler is given, if it is given one.
    :ivar idempotency: what makes two events the same, such as ``"the event's id"``.
    :ivar dead_letter_queue: how people call it.
    """

    name: str
    pattern: Pattern
    reach: Reach
    description: str
    reads: tuple[str, str, int] | None
    ordered_by: str | None
    retry: DescribedRetry
    idempotency: str | None
    dead_letter_queue: str


@dataclass(frozen=True, slots=True)
class DescribedRoute:
    """A route.

    :ivar target: ARN of where it leads.
    :ivar kind: the kind of the target, such as ``"lambda-function"``.
    :ivar dead_letter_queue: ARN; ``None`` where events that cannot be delivered are lost.
    """

    name: str
    pattern: Pattern
    reach: Reach
    kind: str
    target: str
    dead_letter_queue: str | None


@dataclass(frozen=True, slots=True)
class Described:
    """An application. Everything is sorted, so that the documents do not change without a cause.

    :ivar title: what people call it.
    :ivar version: of the application itself, not of any contract.
    :ivar backend: such as ``"memory"``.
    :ivar types: those that it declares, those that its patterns name, and those of the registry.
    """

    title: str
    version: str
    backend: str
    types: tuple[DescribedType, ...]
    publishers: tuple[DescribedPublisher, ...]
    subscriptions: tuple[DescribedSubscription, ...]
    routes: tuple[DescribedRoute, ...]

    @property
    def used_types(self) -> tuple[DescribedType, ...]:
        """Those that the application publishes, receives or routes."""
        used = {key for one in self.publishers for key in one.types}
        for consumer in self.consumers:
            used.update(consumer.reach.types)
        return tuple(one for one in self.types if one.key in used)

    @property
    def consumers(self) -> tuple[DescribedSubscription | DescribedRoute, ...]:
        """The subscriptions, then the routes."""
        return (*self.subscriptions, *self.routes)

    def publishers_of(self, key: TypeKey) -> tuple[str, ...]:
        """Names of the routers that publish an event type."""
        return tuple(one.name for one in self.publishers if key in one.types)

    def consumers_of(self, key: TypeKey) -> tuple[DescribedSubscription | DescribedRoute, ...]:
        """The subscriptions and routes that may receive an event type."""
        return tuple(one for one in self.consumers if key in one.reach.types)
