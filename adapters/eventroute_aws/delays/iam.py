"""What delays add to the policies of the roles.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.provisioning.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Role
    from eventroute_aws.delays.site import Site
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["policy_with_delays"]

_FORWARD: Final = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
)
_SCHEDULE: Final = ("scheduler:CreateSchedule", "scheduler:GetSchedule")
_LOOK: Final = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags")
_CHANGE: Final = ("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue")
_LOOK_AT_GROUP: Final = ("scheduler:GetScheduleGroup", "scheduler:ListTagsForResource")
_REMOVE_GROUP: Final = ("scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup")
_CHANGE_GROUP: Final = (
    "scheduler:CreateScheduleGroup",
    *_REMOVE_GROUP,
    "scheduler:TagResource",
)


def policy_with_delays(
    role: Role,
    policy: Mapping[str, object],
    publishing: Mapping[str, object],
    *,
    options: AwsOptions,
    site: Site,
    place: Place,
    forwards: bool = False,
) -> dict[str, object]:
    """The policy of a role, with what it needs for delays.

    :param policy: without delays.
    :param publishing: that of who publishes, without delays.
    :param forwards: whether who publishes also looks after what waits.
    """
    queue, dead = place.queue(site.name), place.queue(site.dead_name)
    group = place.group(site.group)
    schedules = group.replace(":schedule-group/", ":schedule/") + "/*"
    scheduled = options.scheduler_role is not None
    found: list[dict[str, Any]] = _statements(policy)
    if role != "provisioner":
        key = Grants(options, place)  # that encrypts the queue, and no event bus
        key.allow_key()
        found += [one for one in _statements(key.policy()) if one not in found]
    match role:
        case "publisher":
            found.append(_allow(("sqs:GetQueueUrl", "sqs:SendMessage"), [queue]))
            grants = Grants(options, place)
            grants.allow_key()  # SQS encrypts what waits
            if forwards:
                grants.consume(())
                found.append(_allow(_FORWARD, [queue]))
                found.append(_allow(("sqs:GetQueueUrl", "sqs:SendMessage"), [dead]))
            for one in _statements(grants.policy()):
                if one not in found:
                    found.append(one)
            if scheduled:
                found.append(_allow(_SCHEDULE, [schedules]))
                passed = _allow(("iam:PassRole",), [str(options.scheduler_role)])
                service = {"iam:PassedToService": "scheduler.amazonaws.com"}
                found.append({**passed, "Condition": {"StringEquals": service}})
        case "consumer":
            found += [one for one in _statements(publishing) if one not in found]
            found.append(_allow(_FORWARD, [queue]))
            found.append(_allow(("sqs:GetQueueUrl", "sqs:SendMessage"), [dead]))
            if scheduled:
                found.append(_allow(("scheduler:ListSchedules",), ["*"]))
        case "provisioner":
            found.append(_allow(_CHANGE, [queue, dead]))
            # Who no longer schedules may still have a group to remove.
            changes = _CHANGE_GROUP if scheduled else _REMOVE_GROUP
            found.append(_allow(changes, [group, schedules]))
    if role == "provisioner" or options.provision != "assume":
        found.append(_allow(_LOOK, [queue, dead]))
        if scheduled or role == "provisioner":
            found.append(_allow(_LOOK_AT_GROUP, [group]))
    return {**policy, "Statement": found}


def _allow(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _statements(policy: Mapping[str, object]) -> list[dict[str, Any]]:
    found = policy["Statement"]
    return list(found) if isinstance(found, list) else []
