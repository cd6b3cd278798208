"""The topology: what must exist on a backend, as pure data. No I/O, no handlers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute.envelope import Event
from eventroute.errors import DeclarationError, EventRouteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern import Pattern
    from eventroute.targets import InputTransformer, Target

__all__ = ["Route", "Subscription", "Topology", "ordering_key"]


def ordering_key(event: Event, ordered_by: str) -> str:
    """The key that orders an event.

    :param ordered_by: dotted path into ``detail``; ``""`` is the key where it leads nowhere.
    """
    value: object = event.detail
    for member in ordered_by.split("."):
        if not isinstance(value, dict):
            return ""
        value = value.get(member, "")
    return str(value)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A named queue that receives a copy of every event its pattern matches.

    :ivar name: unique in the application, such as ``"billing.invoice"``.
    :ivar pattern: which events it receives.
    :ivar ordered_by: dotted path into ``detail`` whose value is the ordering key; ``None``
        leaves the order open. Events without the member share one key.
    :ivar visibility_timeout: seconds that a received event stays hidden from other workers; a
        lease that is not extended ends then.
    """

    name: str
    pattern: Pattern
    ordered_by: str | None = None
    visibility_timeout: float = 30.0

    def ordering_key(self, event: Event) -> str | None:
        """The key that orders this event, or ``None`` where the subscription is unordered."""
        return None if self.ordered_by is None else ordering_key(event, self.ordered_by)

    def ordering_key_of(self, body: bytes) -> str | None:
        """The same of an envelope that lies in a queue; ``""`` where it cannot be read."""
        if self.ordered_by is None:
            return None
        try:
            return self.ordering_key(Event.from_trusted_json(body))
        except EventRouteError:  # what cannot be read has no key, and waits for nothing
            return ""


@dataclass(frozen=True, slots=True)
class Route:
    """A rule whose events the backend hands to a target by itself.

    :ivar name: unique in the application, among the subscriptions too.
    :ivar input: what the target is given in place of the event.
    :ivar dead_letter_queue: ARN of the SQS queue for what cannot be delivered; ``None`` loses it.
    """

    name: str
    pattern: Pattern
    target: Target
    input: InputTransformer | None = None
    dead_letter_queue: str | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """Every subscription and every route of an application."""

    subscriptions: tuple[Subscription, ...] = ()
    routes: tuple[Route, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        declared: tuple[Subscription | Route, ...] = (*self.subscriptions, *self.routes)
        for one in declared:
            if one.name in seen:
                what = "subscriptions or routes" if self.routes else "subscriptions"
                raise DeclarationError(
                    f"two {what} are named {one.name!r}; give one of them another name="
                )
            seen.add(one.name)

    def __iter__(self) -> Iterator[Subscription]:
        return iter(self.subscriptions)
