"""From a changed contract to what it does to subscriptions and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import ContractError
from eventroute.event_type import EventType
from eventroute.impact.effect import Effect, Impact
from eventroute.impact.handlers import Readers
from eventroute.impact.live import live_rules
from eventroute.impact.members import input_effects, key_effects
from eventroute.impact.rules import rule_effects
from eventroute.impact.side import Side
from eventroute.registry import Contract, as_contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.topology import Route

__all__ = ["impact"]


def impact(
    old: Contract | EventType | type[BaseModel],
    new: Contract | EventType | type[BaseModel],
    subscribers: Iterable[Subscriber] = (),
    routes: Iterable[Route] = (),
    *,
    seconds: float = 2.0,
) -> Impact:
    """Say what a change of a contract does to an application.

    A rule is said to be affected only where that is certain. A handler's model is tried on events:
    it breaks where it refuses one that the new contract allows and the old one did not, and that
    the subscription's pattern matches.

    :param old: the contract as it was. Its model, where that is given, tells what was never sent:
        what it refuses itself.
    :param new: the contract as it is to be, of the same topic and type.
    :param subscribers: such as ``bus.subscribers``.
    :param routes: such as ``bus.routes``.
    :param seconds: how long one comparison of two schemas may take, and the trial of one model.
    :raises ContractError: the contracts are of different types, or one cannot be used.
    :raises DeclarationError: a model is not an event type, or has no JSON Schema.
    """
    before, after = as_contract(old), as_contract(new)
    if (before.topic, before.type) != (after.topic, after.type):
        raise ContractError(
            f"{before} and {after} are contracts of different types; compare two versions of one"
        )
    was, now = Side(before), Side(after)
    readers = Readers(was, now, seconds, _model_of(old))
    found = [
        *((one.subscription.name, _of_subscriber(one, was, now, readers)) for one in subscribers),
        *((one.name, _of_route(one, was, now)) for one in routes),
    ]
    return Impact(
        tuple(effect for _, effects in found for effect in effects or ()),
        tuple(name for name, effects in found if effects == []),
        tuple(name for name, effects in found if effects is None),
    )


def _model_of(source: Contract | EventType | type[BaseModel]) -> type[BaseModel] | None:
    if isinstance(source, Contract):
        return None
    return source.model if isinstance(source, EventType) else source


def _of_subscriber(
    subscriber: Subscriber, old: Side, new: Side, readers: Readers
) -> list[Effect] | None:
    """The effects on one; ``None`` where its pattern concerns other events."""
    name, pattern = subscriber.subscription.name, subscriber.subscription.pattern
    rules = live_rules(pattern, old.contract.topic, old.contract.type)
    if not rules:
        return None
    return [
        *rule_effects(name, pattern, rules, old, new),
        *key_effects(subscriber, old, new),
        *readers.effects(subscriber, rules),
    ]


def _of_route(route: Route, old: Side, new: Side) -> list[Effect] | None:
    rules = live_rules(route.pattern, old.contract.topic, old.contract.type)
    if not rules:
        return None
    return [
        *rule_effects(route.name, route.pattern, rules, old, new),
        *input_effects(route, old, new),
    ]
