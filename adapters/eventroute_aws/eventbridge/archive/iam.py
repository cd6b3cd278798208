"""What provisioners need for the archive and its replays, and who opens the bus to look at it.

Which actions name a resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from eventroute_aws.eventbridge.archive.names import rules_of_replays
from eventroute_aws.provisioning.grants import Grants
from eventroute_aws.provisioning.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.port import Role
    from eventroute.topology import Topology
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["policy_with_archive"]

_LOOK: Final = ("events:DescribeArchive",)
_REMOVE: Final = ("events:DeleteArchive", "events:DescribeArchive")
_MAKE: Final = ("events:CreateArchive", "events:UpdateArchive")
_REPLAY: Final = ("events:CancelReplay", "events:DescribeReplay", "events:StartReplay")
_START: Final = ("events:StartReplay",)
_OF_BUS: Final = ("events:CreateArchive",)
_RULES: Final = (
    "events:DeleteRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
)


def policy_with_archive(
    role: Role,
    policy: Mapping[str, object],
    topology: Topology,
    options: EventBridgeOptions,
    place: Place,
) -> dict[str, Any]:
    """A role's policy with what it needs for the archive.

    :param policy: what it needs for everything else.
    """
    grants = Grants(options, place)
    names = Names(options.prefix)
    archive = place.archive(names.archive(options.bus))
    on = options.archive != "off"
    if role == "provisioner":
        grants.allow(_REMOVE, [archive])
        if on:
            bus = place.bus(options.bus)
            rules = [rules_of_replays(names.rule(one.name)) for one in topology]
            grants.allow(_MAKE, [archive])
            grants.allow(_OF_BUS, [bus])
            grants.allow(_START, [archive, bus])
            grants.allow(_REPLAY, [place.replay(f"{names.begin}*")])
            grants.allow(_RULES, [place.rule(rule, options.bus) for rule in rules])
            grants.allow_key()
    elif on and options.provision != "assume":
        grants.allow(_LOOK, [archive])
    statements = cast("list[dict[str, Any]]", policy["Statement"])
    more = [one for one in grants.policy()["Statement"] if one not in statements]
    return {**policy, "Statement": [*statements, *more]}
