"""An application on one backend: what its handlers saw, and what lies among its dead letters."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

from eventroute import Delivery, Event, EventBus, Router
from tools.torture.equivalence.application import Order, Sight, sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.torture.equivalence.application import Application, Message, Rule

__all__ = ["sights"]

_AT_ONCE: Final = 500
"""Events that are published before all are worked off: an emulator's queues are slow when long."""


async def sights(
    application: Application, backend: str, options: Mapping[str, object]
) -> Counter[Sight]:
    """Publish every event, and handle everything."""
    seen: Counter[Sight] = Counter()
    router = Router("equal")
    for rule in application.rules:
        _subscribe(router, rule, seen)
    bus = EventBus(backend, options=options)
    bus.include(router)
    async with bus:
        messages = iter(application.messages)
        while batch := list(islice(messages, _AT_ONCE)):
            for headers, events in _together(batch):
                await bus.publish_many(events, headers=headers)
            await bus.run(handle_signals=False, until_empty=True)
        for rule in application.rules:
            if (await bus.depth(rule.name)).dead:
                for letter in await bus.dlq(rule.name).list(limit=None):
                    seen[sight(rule.name, letter.body, letter.headers, letter.reason)] += 1
    return seen


def _subscribe(router: Router, rule: Rule, seen: Counter[Sight]) -> None:
    if rule.where is None:

        @router.subscribe(rule.text, name=rule.name)
        async def handle(event: Event, delivery: Delivery) -> None:
            seen[sight(rule.name, event.to_json(), delivery.headers)] += 1

    else:

        @router.subscribe(Order, where=rule.where, name=rule.name)
        async def handle_order(_: Order, event: Event, delivery: Delivery) -> None:
            seen[sight(rule.name, event.to_json(), delivery.headers)] += 1


def _together(messages: list[Message]) -> Iterator[tuple[Mapping[str, str], list[Event]]]:
    """Those with the same headers."""
    found: dict[tuple[tuple[str, str], ...], list[Event]] = {}
    for message in messages:
        found.setdefault(tuple(message.headers.items()), []).append(message.event)
    return ((dict(headers), events) for headers, events in found.items())
