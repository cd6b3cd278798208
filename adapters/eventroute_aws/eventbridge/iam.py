"""What publishers, consumers and provisioners need on EventBridge, and of its queues.

Which actions name a resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.provisioning.grants import EVERYTHING, Grants
from eventroute_aws.provisioning.names import Names

if TYPE_CHECKING:
    from eventroute.port import Role
    from eventroute.topology import Topology
    from eventroute_aws.eventbridge.resources import Desired
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["policy_of"]

_PUBLISH: Final = ("events:PutEvents",)
_LOOK_AT_BUS: Final = ("events:DescribeEventBus",)
_LOOK_AT_TAGS: Final = ("events:ListTagsForResource",)
_LOOK_AT_RULES: Final = ("events:ListTagsForResource", "events:ListTargetsByRule")
_LIST_RULES: Final = ("events:ListRules",)  # IAM cannot name the bus
_CHANGE_BUS: Final = ("events:CreateEventBus", "events:DeleteEventBus", "events:TagResource")
_CHANGE_RULES: Final = (
    "events:DeleteRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
)


def policy_of(
    role: Role, topology: Topology, desired: Desired, options: EventBridgeOptions, place: Place
) -> dict[str, Any]:
    """The policy of a role, as JSON values.

    :param desired: as the declarations alone give it.
    """
    grants = Grants(options, place)
    match role:
        case "publisher":
            grants.allow(_PUBLISH, [desired.bus.arn])
            grants.allow_payloads("s3:PutObject")
            _look(grants, topology, desired, options)
        case "consumer":
            grants.consume(desired.queues)
            _look(grants, topology, desired, options)
        case "provisioner":
            every = place.rule(f"{Names(options.prefix).begin}*", options.bus)
            _provision(grants, desired, every)
    return grants.policy()


def _look(
    grants: Grants, topology: Topology, desired: Desired, options: EventBridgeOptions
) -> None:
    """What opening looks at; where names are assumed, only what queues of others name."""
    if options.provision == "assume":
        grants.look_at_mapped_queues(desired.queues)
        return
    _look_at_bus(grants, desired)
    grants.allow(_LOOK_AT_RULES, [rule.arn for rule in desired.rules])
    grants.look_at_queues(desired.queues, topology)


def _provision(grants: Grants, desired: Desired, every: str) -> None:
    _look_at_bus(grants, desired)
    grants.allow(_LOOK_AT_RULES, [every])
    grants.provision_queues(desired.queues)
    grants.allow(_CHANGE_BUS, [desired.bus.arn] if desired.bus.ours else [])
    grants.allow(_CHANGE_RULES, [rule.arn for rule in desired.rules])
    targets = [target for rule in desired.rules for target in rule.targets]
    roles = [target.role for target in targets if target.role is not None]
    grants.pass_roles(roles, "events.amazonaws.com")


def _look_at_bus(grants: Grants, desired: Desired) -> None:
    grants.allow(_LOOK_AT_BUS, [desired.bus.arn])
    grants.allow(_LOOK_AT_TAGS, [desired.bus.arn] if desired.bus.ours else [])
    grants.allow(_LIST_RULES, EVERYTHING)
