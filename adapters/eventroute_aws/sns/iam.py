"""What publishers, consumers and provisioners need on SNS, and of its queues.

Which actions name a resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.provisioning.grants import EVERYTHING, Grants
from eventroute_aws.provisioning.names import Names
from eventroute_aws.sns.survey import topic_names

if TYPE_CHECKING:
    from eventroute.port import Role
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.names import Place
    from eventroute_aws.sns.needs import Needs
    from eventroute_aws.sns.resources import Desired

__all__ = ["policy_of"]

_PUBLISH: Final = ("sns:Publish",)
_LOOK_AT_TOPICS: Final = (
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
)
# Of these, IAM cannot name the subscription or the topic.
_LOOK_AT_LINKS: Final = ("sns:GetSubscriptionAttributes",)
_LIST_TOPICS: Final = ("sns:ListTopics",)
_CHANGE_LINKS: Final = ("sns:SetSubscriptionAttributes", "sns:Unsubscribe")
_CHANGE_TOPICS: Final = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:TagResource",
)


def policy_of(
    role: Role, needs: Needs, desired: Desired, options: SnsOptions, place: Place
) -> dict[str, Any]:
    """The policy of a role, as JSON values.

    :param desired: as the declarations alone give it.
    """
    grants = Grants(options, place)
    match role:
        case "publisher":
            sources = [topic.arn for topic in desired.topics if topic.source is not None]
            grants.allow(_PUBLISH, sources)
            grants.allow_key()
            grants.allow_payloads("s3:PutObject")
            _look(grants, needs, desired, options, place)
        case "consumer":
            grants.consume(desired.queues)
            _look(grants, needs, desired, options, place)
        case "provisioner":
            _provision(grants, needs, desired, place.topic(f"{Names(options.prefix).begin}*"))
    return grants.policy()


def _look(
    grants: Grants, needs: Needs, desired: Desired, options: SnsOptions, place: Place
) -> None:
    """What opening looks at; where names are assumed, only what queues of others name."""
    if options.provision == "assume":
        grants.look_at_mapped_queues(desired.queues)
        return
    names = Names(options.prefix)
    # The topics of the declarations, in both kinds, and the one for every source.
    topics = [name for source in needs.sources for name in topic_names(source, options)]
    grants.allow(_LOOK_AT_TOPICS, [place.topic(name) for name in (names.any, *topics)])
    grants.look_at_queues(desired.queues, [one for one, _ in needs.subscriptions])
    grants.allow(_LOOK_AT_LINKS, EVERYTHING)
    every = place.topic(f"{names.begin}*")
    if any(every in queue.senders for queue in desired.queues):
        grants.allow(_LOOK_AT_TOPICS, [every])
        grants.allow(_LIST_TOPICS, EVERYTHING)


def _provision(grants: Grants, needs: Needs, desired: Desired, every: str) -> None:
    foreign = [topic.arn for topic in desired.topics if not topic.ours]
    grants.allow(_LOOK_AT_TOPICS, [every, *foreign])
    grants.provision_queues(desired.queues)
    grants.allow(_LOOK_AT_LINKS + _LIST_TOPICS + _CHANGE_LINKS, EVERYTHING)
    own_topics = [topic.arn for topic in desired.topics if topic.ours]
    grants.allow(_CHANGE_TOPICS, own_topics)
    # Sources that come later are subscribed to as well.
    subscribed = [every] if needs.open else own_topics
    grants.allow(("sns:Subscribe",), [*subscribed, *foreign])
