"""IAM policies that let a process do its work, and nothing else.

Which actions name a resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.provisioning.names import Names
from eventroute_aws.sns.survey import topic_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.port import Role
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.names import Place
    from eventroute_aws.sns.needs import Needs
    from eventroute_aws.sns.resources import Desired

__all__ = ["policy_of"]

_EVERYTHING: Final = ("*",)
_PUBLISH: Final = ("sns:Publish",)
_WORK: Final = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
)
_LOOK_AT_TOPICS: Final = (
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
)
_LOOK_AT_QUEUES: Final = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags")
# Of these, IAM cannot name the subscription or the topic.
_LOOK_AT_LINKS: Final = ("sns:GetSubscriptionAttributes",)
_LIST_TOPICS: Final = ("sns:ListTopics",)
_LIST_QUEUES: Final = ("sqs:ListQueues",)
_CHANGE_LINKS: Final = ("sns:SetSubscriptionAttributes", "sns:Unsubscribe")
_CHANGE_TOPICS: Final = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:TagResource",
)
_CHANGE_QUEUES: Final = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
)
_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def policy_of(
    role: Role, needs: Needs, desired: Desired, options: SnsOptions, place: Place
) -> dict[str, Any]:
    """The policy of a role, as JSON values.

    :param desired: as the declarations alone give it.
    """
    drawing = _Policy(needs, desired, options, place)
    match role:
        case "publisher":
            drawing.publish()
            drawing.look()
        case "consumer":
            drawing.consume()
            drawing.look()
        case "provisioner":
            drawing.provision()
    return {"Version": "2012-10-17", "Statement": drawing.statements()}


class _Policy:
    def __init__(self, needs: Needs, desired: Desired, options: SnsOptions, place: Place) -> None:
        self._needs = needs
        self._desired = desired
        self._options = options
        self._place = place
        self._begin = Names(options.prefix).begin
        self._actions: dict[tuple[str, ...], set[str]] = {}
        self._more: list[dict[str, Any]] = []

    def statements(self) -> list[dict[str, Any]]:
        by_resources: dict[tuple[str, ...], set[str]] = {}
        for actions, resources in self._actions.items():
            by_resources.setdefault(tuple(sorted(resources)), set()).update(actions)
        return [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
            for resources, actions in by_resources.items()
            if resources
        ] + self._more

    def publish(self) -> None:
        sources = [topic.arn for topic in self._desired.topics if topic.source is not None]
        self._allow(_PUBLISH, sources)
        self._allow_key()
        self._allow_payloads("s3:PutObject")

    def consume(self) -> None:
        self._allow(_WORK, [queue.arn for queue in self._desired.queues])
        self._allow_key()
        self._allow_payloads("s3:GetObject")
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

    def look(self) -> None:
        """What opening looks at; where names are assumed, only what queues of others name."""
        if self._options.provision == "assume":
            theirs = [one for one in self._desired.queues if not one.ours and one.dead is not None]
            self._allow(_LOOK_AT_QUEUES, [queue.arn for queue in theirs])
            return
        self._allow(_LOOK_AT_TOPICS, self._topics())
        self._allow(_LOOK_AT_QUEUES, [queue.arn for queue in self._desired.queues])
        self._allow(_LOOK_AT_QUEUES, self._siblings())
        self._allow(_LOOK_AT_LINKS, _EVERYTHING)
        every = self._place.topic(f"{self._begin}*")
        if any(every in queue.senders for queue in self._desired.queues):
            self._allow(_LOOK_AT_TOPICS, [every])
            self._allow(_LIST_TOPICS, _EVERYTHING)

    def provision(self) -> None:
        # What was declared earlier is looked at, too, and cannot be named any more.
        topics, queues = self._place.topic(f"{self._begin}*"), self._place.queue(f"{self._begin}*")
        foreign = [topic.arn for topic in self._desired.topics if not topic.ours]
        self._allow(_LOOK_AT_TOPICS, [topics, *foreign])
        mapped = [queue.arn for queue in self._desired.queues if not queue.ours]
        self._allow(_LOOK_AT_QUEUES, [queues, *mapped])
        self._allow(_LOOK_AT_LINKS + _LIST_TOPICS + _LIST_QUEUES + _CHANGE_LINKS, _EVERYTHING)
        own_topics = [topic.arn for topic in self._desired.topics if topic.ours]
        self._allow(_CHANGE_TOPICS, own_topics)
        self._allow(_CHANGE_QUEUES, [queue.arn for queue in self._desired.queues if queue.ours])
        self._allow(("sqs:SetQueueAttributes",), mapped)
        # Sources that come later are subscribed to as well.
        every = [topics] if self._needs.open else own_topics
        self._allow(("sns:Subscribe",), [*every, *foreign])

    def _topics(self) -> list[str]:
        """Those of the declarations, in both kinds, and the one for every source."""
        names = [
            name for source in self._needs.sources for name in topic_names(source, self._options)
        ]
        return [self._place.topic(name) for name in (Names(self._options.prefix).any, *names)]

    def _siblings(self) -> list[str]:
        """The queues that the subscriptions would have with an order, or without one."""
        names = Names(self._options.prefix)
        return [
            self._place.queue(names.queue(one.name, fifo=one.ordered_by is None))
            for one, _ in self._needs.subscriptions
            if one.name not in self._options.queues
        ]

    def _allow(self, actions: tuple[str, ...], resources: Iterable[str]) -> None:
        self._actions.setdefault(actions, set()).update(resources)

    def _allow_payloads(self, action: str) -> None:
        claims = self._options.claim_check
        if claims is not None:
            arn = f"arn:{self._place.partition}:s3:::{claims.bucket}/{claims.prefix}*"
            self._allow((action,), [arn])

    def _allow_key(self) -> None:
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
