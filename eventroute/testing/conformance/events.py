"""Events and subscriptions that the properties use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.envelope import Event
from eventroute.pattern import Pattern
from eventroute.topology import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.port import Delivery

__all__ = ["SOURCE", "event", "events", "keyed", "numbers", "sized", "steps", "subscription"]

SOURCE: Final = "conformance"

NAME: Final = "kit.queue"


def event(number: int = 1, *, source: str = SOURCE, **detail: object) -> Event:
    """An event with a number in its detail."""
    return Event(source, "Numbered", {"number": number, **detail})


def events(count: int) -> list[Event]:
    """Events with the numbers from 0."""
    return [event(number) for number in range(count)]


def keyed(key: str, step: int) -> Event:
    """An event that has an ordering key in ``detail.key``."""
    return Event(SOURCE, "Step", {"key": key, "step": step})


def sized(size: int) -> Event:
    """An event whose envelope has exactly so many bytes.

    :raises JSONTextError: more than any event may have.
    """
    empty = Event(SOURCE, "Sized", {"fill": ""})
    return Event(SOURCE, "Sized", {"fill": "x" * (size - len(empty.to_json()))}, id=empty.id)


def numbers(deliveries: Iterable[Delivery]) -> list[int]:
    """The numbers of what `event` made, sorted."""
    return sorted(one.event.detail["number"] for one in deliveries)


def steps(deliveries: Iterable[Delivery]) -> list[tuple[str, int]]:
    """The keys and steps of what `keyed` made, as they came."""
    return [(one.event.detail["key"], one.event.detail["step"]) for one in deliveries]


def subscription(
    name: str = NAME,
    pattern: Mapping[str, Any] | None = None,
    *,
    ordered: bool = False,
    lease: float = 30.0,
) -> Subscription:
    """A subscription of everything from `SOURCE`, unless a pattern is given."""
    return Subscription(
        name,
        Pattern(pattern if pattern is not None else {"source": [SOURCE]}),
        ordered_by="key" if ordered else None,
        visibility_timeout=lease,
    )
