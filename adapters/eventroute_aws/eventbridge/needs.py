"""What a topology asks of EventBridge and SQS, before anybody has looked at what there is."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedError
from eventroute.pattern.narrow import sources_of
from eventroute_aws.eventbridge.routes import check_route
from eventroute_aws.provisioning.names import DEFAULT_BUS, FIFO
from eventroute_aws.provisioning.needs import check_hiding, check_mapped_queues

if TYPE_CHECKING:
    from eventroute.topology import Route, Subscription, Topology
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["check_needs"]

logger: Final = getLogger("eventroute.aws")


def check_needs(topology: Topology, options: EventBridgeOptions) -> None:
    """Refuse what cannot be.

    :raises UnsupportedError: the topology asks for what EventBridge and SQS cannot do.
    :raises ConfigurationError: the options name what cannot be.
    """
    check_mapped_queues(options)
    ordered = [one.name for one in topology if one.ordered_by is not None]
    if ordered:
        named = ", ".join(map(repr, ordered))
        raise UnsupportedError(
            f"EventBridge keeps no order, and these subscriptions are ordered: {named}. Put their "
            'sources on SNS (backend = "sns", or backend = "aws" with aws.sources), or leave '
            "ordered_by out"
        )
    for one in topology:
        check_hiding(one)
        mapped = options.queues.get(one.name, "")
        if mapped.endswith(FIFO):
            raise UnsupportedError(
                f"{options.shared_table}.queues maps the subscription {one.name!r} to the FIFO "
                f"queue {mapped!r}, and EventBridge keeps no order; map it to a standard queue"
            )
    for route in topology.routes:
        check_route(route, options)
    if options.bus != DEFAULT_BUS:
        for one in topology.subscriptions:
            _warn_of_another_bus(one, options)
        for route in topology.routes:
            _warn_of_another_bus(route, options)
    count = len(topology.subscriptions) + len(topology.routes)
    if count > options.max_rules:
        raise UnsupportedError(
            f"{count:,} subscriptions and routes need as many rules, and an event bus has "
            f"{options.max_rules:,} ({options.table}.max_rules); have the quota raised and say so "
            "there, or split the application over several buses"
        )


def _warn_of_another_bus(rule: Subscription | Route, options: EventBridgeOptions) -> None:
    """A warning: a rule of the default bus may hand these events on."""
    sources = sources_of(rule.pattern)
    if sources and all(_is_of_a_service(source) for source in sources):
        logger.warning(
            "%r waits for %s, and AWS services publish on the default bus, not on %r "
            "(%s.bus); hand them on with a rule of the default bus, or use that bus",
            rule.name,
            ", ".join(sorted(sources)),
            options.bus,
            options.table,
        )


def _is_of_a_service(source: str) -> bool:
    return source.startswith("aws.") and not source.startswith("aws.partner/")
