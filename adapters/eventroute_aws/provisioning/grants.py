"""IAM policies that let a process do its work, and nothing else: gathered, and put together.

Which actions name a resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.provisioning.names import Names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from eventroute.topology import Subscription
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.names import Place

__all__ = ["EVERYTHING", "Grants"]

EVERYTHING: Final = ("*",)
"""For actions that name no resource."""

_WORK: Final = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
)
_LOOK: Final = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags")
_CHANGE: Final = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
)
_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")


class Grants:
    """What a role may do."""

    def __init__(self, options: AwsOptions, place: Place) -> None:
        self._options = options
        self._place = place
        self._actions: dict[tuple[str, ...], set[str]] = {}
        self._more: list[dict[str, Any]] = []

    def policy(self) -> dict[str, Any]:
        """The IAM policy, as JSON values."""
        by_resources: dict[tuple[str, ...], set[str]] = {}
        for actions, resources in self._actions.items():
            by_resources.setdefault(tuple(sorted(resources)), set()).update(actions)
        statements = [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
            for resources, actions in by_resources.items()
            if resources
        ]
        return {"Version": "2012-10-17", "Statement": statements + self._more}

    def allow(self, actions: tuple[str, ...], resources: Iterable[str]) -> None:
        """Allow actions on resources; on none, nothing."""
        self._actions.setdefault(actions, set()).update(resources)

    def consume(self, queues: Iterable[DesiredQueue]) -> None:
        """Receive from queues, settle, and fetch payloads."""
        self.allow(_WORK, [queue.arn for queue in queues])
        self.allow_key()
        self.allow_payloads("s3:GetObject")
        claims = self._options.claim_check
        if claims is not None:
            # Without it S3 would not say that a payload has expired, but that it refuses.
            self._more.append(
                {
                    "Effect": "Allow",
                    "Action": ["s3:ListBucket"],
                    "Resource": [f"arn:{self._place.partition}:s3:::{claims.bucket}"],
                    "Condition": {"StringLike": {"s3:prefix": [f"{claims.prefix}*"]}},
                }
            )

    def look_at_mapped_queues(self, queues: Iterable[DesiredQueue]) -> None:
        """See which dead-letter queues the queues of others name, even where names are assumed."""
        theirs = [queue.arn for queue in queues if not queue.ours and queue.dead is not None]
        self.allow(_LOOK, theirs)

    def look_at_queues(
        self, queues: Iterable[DesiredQueue], subscriptions: Iterable[Subscription]
    ) -> None:
        """See queues, and those that subscriptions would have with an order, or without one."""
        names = Names(self._options.prefix)
        siblings = [
            name
            for one in subscriptions
            if one.name not in self._options.queues
            for name in names.both(one.name, fifo=one.ordered_by is None)
        ]
        self.allow(_LOOK, [queue.arn for queue in queues])
        self.allow(_LOOK, [self._place.queue(name) for name in siblings])

    def provision_queues(self, queues: Collection[DesiredQueue]) -> None:
        """Make, change and delete queues; of others, change the policies."""
        # What was declared earlier is looked at, too, and cannot be named any more.
        every = self._place.queue(f"{Names(self._options.prefix).begin}*")
        mapped = [queue.arn for queue in queues if not queue.ours]
        self.allow(_LOOK, [every, *mapped])
        self.allow(("sqs:ListQueues",), EVERYTHING)
        self.allow(_CHANGE, [queue.arn for queue in queues if queue.ours])
        self.allow(("sqs:SetQueueAttributes",), mapped)

    def pass_roles(self, roles: Iterable[str], service: str) -> None:
        """Let a service take on roles."""
        arns = sorted(set(roles))
        if arns:
            statement = {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": arns}
            condition = {"StringEquals": {"iam:PassedToService": service}}
            self._more.append({**statement, "Condition": condition})

    def allow_payloads(self, action: str) -> None:
        """Allow what is done with payloads that are too large for a message."""
        claims = self._options.claim_check
        if claims is not None:
            arn = f"arn:{self._place.partition}:s3:::{claims.bucket}/{claims.prefix}*"
            self.allow((action,), [arn])

    def allow_key(self) -> None:
        """Use the key that encrypts topics and queues."""
        key, place = self._options.kms_key, self._place
        if key is None:
            return
        keys = f"arn:{place.partition}:kms:{place.region}:{place.account}:key/"
        statement: dict[str, Any] = {"Effect": "Allow", "Action": list(_KEY)}
        if "alias/" in key:
            # IAM names keys, not aliases; the condition leaves those with this alias.
            alias = key[key.index("alias/") :]
            statement["Resource"] = [f"{keys}*"]
            statement["Condition"] = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
        else:
            statement["Resource"] = [key if key.startswith("arn:") else keys + key]
        self._more.append(statement)
