"""From a topology to the event bus, rules, targets and queues that it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventroute_aws.eventbridge.archive.names import rules_of_replays
from eventroute_aws.eventbridge.filters import pattern_of
from eventroute_aws.eventbridge.resources import (
    QUEUE_TARGET,
    Desired,
    DesiredBus,
    DesiredRule,
    Target,
)
from eventroute_aws.eventbridge.routes import rule_of
from eventroute_aws.provisioning.desired import desired_queues
from eventroute_aws.provisioning.names import DEFAULT_BUS, Names
from eventroute_aws.provisioning.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.topology import Topology
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.names import Place

__all__ = ["bus_of", "desired_of"]


def bus_of(options: EventBridgeOptions, place: Place) -> DesiredBus:
    """The event bus; that of a partner has slashes in its name."""
    ours = options.bus != DEFAULT_BUS and "/" not in options.bus
    return DesiredBus(options.bus, place.bus(options.bus), tags_of(options, {}), ours)


def desired_of(
    topology: Topology,
    options: EventBridgeOptions,
    place: Place,
    dead: Mapping[str, str] | None = None,
) -> Desired:
    """Say how things should be.

    :param dead: subscription to name, of the dead-letter queues that mapped queues have already.
    """
    names = Names(options.prefix)
    archived = options.archive != "off"
    queues: list[DesiredQueue] = []
    rules: list[DesiredRule] = []
    for one in topology:
        name = names.rule(one.name)
        arn = place.rule(name, options.bus)
        letters, events = desired_queues(one, options, place, (dead or {}).get(one.name))
        senders = frozenset({arn})
        # A policy takes up to a minute until it counts: too long for the rules of a replay.
        ahead = frozenset({place.rule(rules_of_replays(name), options.bus)} if archived else ())
        queues += [replace(queue, senders=senders, ahead=ahead) for queue in (letters, events)]
        target = Target(
            QUEUE_TARGET,
            events.arn,
            dead=letters.arn,
            retries=options.target_retries,
            max_age=options.target_max_age,
        )
        rules.append(
            DesiredRule(
                name,
                arn,
                options.bus,
                pattern_of(one.pattern, options),
                f"Events for the subscription {one.name}"[:512],
                tags_of(options, {"eventroute:subscription": one.name}),
                (target,),
            )
        )
    rules += [rule_of(route, options, place) for route in topology.routes]
    return Desired(bus_of(options, place), tuple(queues), tuple(rules))
