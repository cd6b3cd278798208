"""From a route to its rule, whose target is not a queue of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eventroute.errors import UnsupportedError
from eventroute.pattern.narrow import EVENTBRIDGE_RULE, comparing_as_the_broker, narrow
from eventroute.targets import ApiDestination, EventBusTarget, KinesisStream, SqsQueue
from eventroute_aws.eventbridge.filters import EVERY_EVENT, dialect_of
from eventroute_aws.eventbridge.resources import ROUTE_TARGET, DesiredRule, Target
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern import Pattern
    from eventroute.pattern.narrow import Narrowed
    from eventroute.targets import Target as RouteTarget
    from eventroute.topology import Route
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["check_route", "rule_of"]


def check_route(route: Route, options: EventBridgeOptions) -> None:
    """Refuse a route that its rule alone cannot keep: nobody filters behind it.

    :raises UnsupportedError: naming the route, and what stands in the way.
    """
    if options.claim_check is not None:
        raise UnsupportedError(
            f"the route {route.name!r} would hand on events whose detail lies in S3, because "
            f"{options.shared_table}.claim_check is set; leave that out, or subscribe a handler "
            "that calls the target"
        )
    narrowed = _narrowed(route, options)
    if not narrowed.exact:
        told = "; ".join(map(str, narrowed.left_out))
        raise UnsupportedError(
            f"EventBridge cannot evaluate the whole pattern of the route {route.name!r}: {told}"
        )


def rule_of(route: Route, options: EventBridgeOptions, place: Place) -> DesiredRule:
    """The rule of a route, on the bus of the options.

    :raises UnsupportedError: the target is in a region that rules do not reach.
    """
    _check_region(route, place)
    name = Names(options.prefix).rule(route.name)
    target = Target(
        ROUTE_TARGET,
        route.target.arn,
        getattr(route.target, "role", None),
        route.input,
        route.dead_letter_queue,
        options.target_retries,
        options.target_max_age,
        _parameters(route.target),
    )
    return DesiredRule(
        name,
        place.rule(name, options.bus),
        options.bus,
        _narrowed(route, options).to_json() or EVERY_EVENT,
        f"Events for the route {route.name}"[:512],
        tags_of(options, {"eventroute:route": route.name}),
        (target,),
    )


def _check_region(route: Route, place: Place) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html."""
    region = route.target.arn.split(":")[3]
    if region != place.region and not isinstance(route.target, EventBusTarget):
        raise UnsupportedError(
            f"the route {route.name!r} leads to {region}, and the rules of a bus in {place.region} "
            "reach no target elsewhere but event buses; route to a bus there (EventBusTarget)"
        )


def _narrowed(route: Route, options: EventBridgeOptions) -> Narrowed:
    """The pattern as the rule has it. What EventBridge compares numbers to is documented."""
    dialect = dialect_of(options)
    if _is_of_aws(route.pattern):  # what these are is what EventBridge sees
        dialect = replace(EVENTBRIDGE_RULE, max_characters=options.max_pattern_characters)
    return narrow(route.pattern, comparing_as_the_broker(dialect))


def _is_of_aws(pattern: Pattern) -> bool:
    """Whether only events of AWS services and partners match, which nobody else can publish."""
    return all(
        any(
            clause.path == "source"
            and all(_begins_with_aws(test.to_json()) for test in clause.matchers)
            for clause in rule
        )
        for rule in pattern.sub_rules
    )


def _begins_with_aws(test: object) -> bool:
    """Whether a text or a prefix, as patterns write them, begins as the sources of AWS."""
    text = test.get("prefix") if isinstance(test, dict) else test
    return isinstance(text, str) and text.startswith("aws.")


def _parameters(target: RouteTarget) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html."""
    match target:
        case SqsQueue(message_group=str(group)):
            return {"SqsParameters": {"MessageGroupId": group}}
        case KinesisStream(partition_key=path):
            return {"KinesisParameters": {"PartitionKeyPath": path}}
        case ApiDestination(path=path, headers=headers, query=query):
            found = {
                "PathParameterValues": list(path),
                "HeaderParameters": dict(headers),
                "QueryStringParameters": dict(query),
            }
            return {"HttpParameters": {name: value for name, value in found.items() if value}}
        case _:
            return {}
