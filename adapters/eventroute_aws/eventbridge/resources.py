"""Event buses, rules and their targets, as they should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.targets import InputTransformer
    from eventroute_aws.provisioning.desired import DesiredQueue

__all__ = [
    "MOST_TARGETS",
    "QUEUE_TARGET",
    "ROUTE_TARGET",
    "Desired",
    "DesiredBus",
    "DesiredRule",
    "Target",
    "is_our_target",
]

MOST_TARGETS: Final = 5
"""Targets of a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html."""

ROUTE_TARGET: Final = "eventroute-route"
"""Id of the target that a route leads to."""

QUEUE_TARGET: Final = "queue"
"""Id of the target that is the queue of a subscription."""

_OURS: Final = "eventroute-"


def is_our_target(id_: str) -> bool:
    """Whether a target of a rule of ours is ours, too, by its id; others are left alone."""
    return id_ == QUEUE_TARGET or id_.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class DesiredBus:
    """An event bus.

    :ivar ours: whether it is eventroute's to make. The default bus and those of partners are not,
        nor is one that somebody else made.
    """

    name: str
    arn: str
    tags: Mapping[str, str] = field(default_factory=dict)
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule sends events to.

    :ivar id: names it within its rule: `QUEUE_TARGET`, or begins with ``eventroute-``.
    :ivar arn: of a queue, a function, another bus, and so on.
    :ivar role: ARN of the role that EventBridge takes to reach it; queues need none.
    :ivar dead: ARN of the queue that gets what could not be sent.
    :ivar retries: times that EventBridge tries again.
    :ivar max_age: seconds that it tries.
    :ivar parameters: members of ``PutTargets`` that only this kind of target has.
    """

    id: str
    arn: str
    role: str | None = None
    transformer: InputTransformer | None = None
    dead: str | None = None
    retries: int = 185
    max_age: int = 86_400
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def to_aws(self) -> dict[str, Any]:
        """As ``PutTargets`` takes it.

        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
        """
        target: dict[str, Any] = {"Id": self.id, "Arn": self.arn, **self.parameters}
        if self.role is not None:
            target["RoleArn"] = self.role
        if self.transformer is not None:
            paths = (
                {"InputPathsMap": dict(self.transformer.paths)} if self.transformer.paths else {}
            )
            target["InputTransformer"] = {"InputTemplate": self.transformer.template, **paths}
        if self.dead is not None:
            target["DeadLetterConfig"] = {"Arn": self.dead}
        target["RetryPolicy"] = {
            "MaximumRetryAttempts": self.retries,
            "MaximumEventAgeInSeconds": self.max_age,
        }
        return target


@dataclass(frozen=True, slots=True)
class DesiredRule:
    """A rule.

    :ivar bus: name of its bus.
    :ivar pattern: as JSON text.
    :ivar targets: up to `MOST_TARGETS`, of any kind.
    """

    name: str
    arn: str
    bus: str
    pattern: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Desired:
    """Everything that must exist.

    :ivar queues: dead-letter queues before those that name them.
    """

    bus: DesiredBus
    queues: tuple[DesiredQueue, ...] = ()
    rules: tuple[DesiredRule, ...] = ()
