"""From a bus to what the documents are written from."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from eventroute.documents.described import (
    Described,
    DescribedPublisher,
    DescribedRetry,
    DescribedRoute,
    DescribedSubscription,
    DescribedType,
    DescribedVersion,
)
from eventroute.documents.reach import named_types, reach_of
from eventroute.errors import ContractNotFoundError
from eventroute.plugins import backend_name
from eventroute.registry import Contract, as_contract, bundled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.bus import EventBus
    from eventroute.delivery import Subscriber
    from eventroute.delivery.retry import Retry
    from eventroute.documents.described import TypeKey
    from eventroute.event_type import EventType
    from eventroute.idempotency.policy import Idempotency
    from eventroute.topology import Route

__all__ = ["describe"]


def describe(
    bus: EventBus,
    registry: Iterable[Contract] | None = None,
    *,
    title: str = "Application",
    version: str = "0.0.0",
) -> Described:
    """Say what an application publishes and receives. The bus need not be open.

    :param registry: the contracts, such as a :class:`~eventroute.registry.FileRegistry`. Where it
        has a version, its schema counts, and not that of the model.
    :param title: what people call the application.
    :param version: of the application itself.
    :raises DeclarationError: a model has no JSON Schema.
    :raises ContractError: the registry holds what is no contract, or one that refers to none.
    """
    subscribers = sorted(bus.subscribers, key=lambda one: one.subscription.name)
    routes = sorted(bus.routes, key=lambda one: one.name)
    patterns = [
        *(one.subscription.pattern for one in subscribers),
        *(one.pattern for one in routes),
    ]
    named = frozenset[tuple[str, str]]().union(*map(named_types, patterns))
    types = _types(bus.event_types, tuple(registry or ()), named)
    return Described(
        title,
        version,
        backend_name(bus.adapter),
        types,
        _publishers(bus),
        tuple(_subscription(one, types) for one in subscribers),
        tuple(_route(one, types) for one in routes),
    )


def _types(
    declared: Iterable[EventType], contracts: Iterable[Contract], named: Iterable[TypeKey]
) -> tuple[DescribedType, ...]:
    models = {(one.topic, one.name, one.version): one for one in declared}
    found: dict[tuple[str, str, int], DescribedVersion] = {}
    known = {(one.topic, one.type, one.version): one for one in contracts}
    for contract in known.values():
        key = (contract.topic, contract.type, contract.version)
        found[key] = DescribedVersion(
            contract.version,
            bundled(contract, _Lookup(known)),
            declared=key in models,
            registered=True,
        )
    for key, model in models.items():
        if key not in found:
            schema = as_contract(model).schema
            found[key] = DescribedVersion(key[2], schema, declared=True, registered=False)
    versions: dict[TypeKey, list[DescribedVersion]] = {key: [] for key in named}
    for topic, name, number in sorted(found):
        versions.setdefault((topic, name), []).append(found[topic, name, number])
    return tuple(DescribedType(*key, tuple(versions[key])) for key in sorted(versions))


class _Lookup:
    """Finds the contracts that one refers to among all that there are."""

    def __init__(self, known: Mapping[tuple[str, str, int], Contract]) -> None:
        self._known = known

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002  the domain's word
        if (topic, type, version) not in self._known:
            raise ContractNotFoundError(f"there is no contract {topic}/{type}/{version}")
        return self._known[topic, type, version]


def _publishers(bus: EventBus) -> tuple[DescribedPublisher, ...]:
    said: dict[str, set[tuple[str, str, int]]] = {}
    for router in bus.routers:
        if router.published:
            found = {(one.topic, one.name, one.version) for one in router.published}
            said.setdefault(router.name, set()).update(found)
    return tuple(DescribedPublisher(name, tuple(sorted(said[name]))) for name in sorted(said))


def _subscription(one: Subscriber, types: tuple[DescribedType, ...]) -> DescribedSubscription:
    subscription, read = one.subscription, one.event_type
    return DescribedSubscription(
        subscription.name,
        subscription.pattern,
        reach_of(subscription.pattern, types),
        cleandoc(one.handler.function.__doc__ or ""),
        None if read is None else (read.topic, read.name, read.version),
        subscription.ordered_by,
        _retry(one.retry),
        None if one.idempotency is None else _sameness(one.idempotency),
        f"dead letters of {subscription.name}",
    )


def _retry(retry: Retry) -> DescribedRetry:
    return DescribedRetry(
        retry.attempts,
        retry.first,
        retry.factor,
        retry.longest,
        retry.jitter,
        retry.max_age,
        tuple(kind.__name__ for kind in retry.retry_on),
        tuple(kind.__name__ for kind in retry.dead_letter_on),
    )


def _sameness(policy: Idempotency) -> str:
    if policy.key is None:
        return "the event's id"
    if isinstance(policy.key, str):
        return policy.key
    return f"{getattr(policy.key, '__name__', 'a function')}()"


def _route(route: Route, types: tuple[DescribedType, ...]) -> DescribedRoute:
    reach = reach_of(route.pattern, types)
    target = route.target
    return DescribedRoute(
        route.name, route.pattern, reach, target.kind, target.arn, route.dead_letter_queue
    )
