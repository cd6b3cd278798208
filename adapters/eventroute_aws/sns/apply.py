"""Does the steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.apply import QueueApplier, apply, given
from eventroute_aws.provisioning.tags import listed
from eventroute_aws.sns.steps import (
    ChangeLink,
    ChangeTopic,
    CreateTopic,
    DeleteTopic,
    Step,
    Subscribe,
    Unsubscribe,
)

if TYPE_CHECKING:
    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.sns.steps import Phases

__all__ = ["Applier"]


class Applier:
    """Changes SNS, and SQS with it.

    :ivar urls: of the queues that it created, by name.
    """

    def __init__(self, clients: Clients, calls: Calls) -> None:
        self._clients = clients
        self._calls = calls
        self._queues = QueueApplier(clients, calls)
        self.urls = self._queues.urls

    async def apply(self, phases: Phases) -> None:
        """Do steps, in their order: see :func:`eventroute_aws.provisioning.apply.apply`."""
        await apply(phases, self._do, self._calls)

    async def _do(self, step: Step) -> None:
        match step:
            case CreateTopic() | ChangeTopic() | DeleteTopic():
                await self._topic(step)
            case Subscribe() | ChangeLink() | Unsubscribe():
                await self._subscription(step)
            case _:
                await self._queues.do(step)

    async def _topic(self, step: CreateTopic | ChangeTopic | DeleteTopic) -> None:
        sns = await self._clients.sns()
        match step:
            case CreateTopic(topic):
                attributes = given(topic.attributes)
                tags = listed(topic.tags)
                await self._calls.make(
                    step.change,
                    lambda: sns.create_topic(Name=topic.name, Attributes=attributes, Tags=tags),
                )
            case ChangeTopic(arn):
                for name, value in step.attributes.items():
                    await self._calls.make(
                        step.change,
                        partial(
                            sns.set_topic_attributes,
                            TopicArn=arn,
                            AttributeName=name,
                            AttributeValue=value,
                        ),
                    )
                if step.tags:
                    lacking = listed(step.tags)
                    await self._calls.make(
                        step.change, lambda: sns.tag_resource(ResourceArn=arn, Tags=lacking)
                    )
            case DeleteTopic(arn):
                await self._calls.make(step.change, lambda: sns.delete_topic(TopicArn=arn))

    async def _subscription(self, step: Subscribe | ChangeLink | Unsubscribe) -> None:
        sns = await self._clients.sns()
        match step:
            case Subscribe(link):
                attributes = {"RawMessageDelivery": "true"}
                if link.filter is not None:
                    attributes["FilterPolicyScope"] = link.filter.scope
                    attributes["FilterPolicy"] = link.filter.policy
                await self._calls.make(
                    step.change,
                    lambda: sns.subscribe(
                        TopicArn=link.topic,
                        Protocol="sqs",
                        Endpoint=link.queue,
                        Attributes=attributes,
                        ReturnSubscriptionArn=True,
                    ),
                )
            case ChangeLink(arn):
                for name, value in step.attributes:
                    await self._calls.make(
                        step.change,
                        partial(
                            sns.set_subscription_attributes,
                            SubscriptionArn=arn,
                            AttributeName=name,
                            AttributeValue=value,
                        ),
                    )
            case Unsubscribe(arn):
                await self._calls.make(step.change, lambda: sns.unsubscribe(SubscriptionArn=arn))
