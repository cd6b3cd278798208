"""Does the steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import ClientError

from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.sns.steps import (
    ChangeLink,
    ChangeQueue,
    ChangeTopic,
    CreateQueue,
    CreateTopic,
    DeleteQueue,
    DeleteTopic,
    Step,
    Subscribe,
    Unsubscribe,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.sns.steps import Phases

__all__ = ["Applier", "MovedError"]

Result = TypeVar("Result")

_TAKEN: Final = frozenset(
    {"AWS.SimpleQueueService.QueueNameExists", "QueueAlreadyExists", "QueueNameExists"}
)


class MovedError(Exception):
    """Somebody else changed the same thing meanwhile: look again."""


class Applier:
    """Changes SNS and SQS.

    :ivar urls: of the queues that it created, by name.
    """

    def __init__(self, clients: Clients, calls: Calls) -> None:
        self._clients = clients
        self._calls = calls
        self.urls: dict[str, str] = {}

    async def apply(self, phases: Phases) -> None:
        """Do steps, in their order.

        :raises MovedError: they no longer fit what there is.
        :raises EventRouteError: AWS refused, or could not be reached. What was done stays.
        """
        for phase in phases:
            await self._calls.each(phase, self._do)

    async def _do(self, step: Step) -> None:
        try:
            await self._calls_of(step)
        except ClientError as error:
            code, said = code_of(error), str(error)
            gone = code in MISSING
            if gone and isinstance(step, Unsubscribe | DeleteQueue | DeleteTopic):
                return
            if gone or code in _TAKEN or "already exists" in said:
                raise MovedError(said) from error
            doing = f"to {step.change.action} the {step.change.resource}"
            raise translate(error, doing) from error

    async def _calls_of(self, step: Step) -> None:
        match step:
            case CreateQueue() | ChangeQueue() | DeleteQueue():
                await self._queue(step)
            case CreateTopic() | ChangeTopic() | DeleteTopic():
                await self._topic(step)
            case Subscribe() | ChangeLink() | Unsubscribe():
                await self._subscription(step)

    async def _queue(self, step: CreateQueue | ChangeQueue | DeleteQueue) -> None:
        sqs = await self._clients.sqs()
        match step:
            case CreateQueue(queue, policy):
                attributes: Any = _given({**queue.attributes, "Policy": policy})
                tags = dict(queue.tags)
                answer = await self._call(
                    step,
                    lambda: sqs.create_queue(
                        QueueName=queue.name, Attributes=attributes, tags=tags
                    ),
                )
                self.urls[queue.name] = answer["QueueUrl"]
            case ChangeQueue(_, url):
                changed: Any = dict(step.attributes)
                if changed:
                    await self._call(
                        step, lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
                    )
                if step.tags:
                    lacking = dict(step.tags)
                    await self._call(step, lambda: sqs.tag_queue(QueueUrl=url, Tags=lacking))
            case DeleteQueue(_, url):
                await self._call(step, lambda: sqs.delete_queue(QueueUrl=url))

    async def _topic(self, step: CreateTopic | ChangeTopic | DeleteTopic) -> None:
        sns = await self._clients.sns()
        match step:
            case CreateTopic(topic):
                attributes = _given(topic.attributes)
                tags = _tag_list(topic.tags)
                await self._call(
                    step,
                    lambda: sns.create_topic(Name=topic.name, Attributes=attributes, Tags=tags),
                )
            case ChangeTopic(arn):
                for name, value in step.attributes.items():
                    await self._call(
                        step,
                        partial(
                            sns.set_topic_attributes,
                            TopicArn=arn,
                            AttributeName=name,
                            AttributeValue=value,
                        ),
                    )
                if step.tags:
                    lacking = _tag_list(step.tags)
                    await self._call(step, lambda: sns.tag_resource(ResourceArn=arn, Tags=lacking))
            case DeleteTopic(arn):
                await self._call(step, lambda: sns.delete_topic(TopicArn=arn))

    async def _subscription(self, step: Subscribe | ChangeLink | Unsubscribe) -> None:
        sns = await self._clients.sns()
        match step:
            case Subscribe(link):
                attributes = {"RawMessageDelivery": "true"}
                if link.filter is not None:
                    attributes["FilterPolicyScope"] = link.filter.scope
                    attributes["FilterPolicy"] = link.filter.policy
                await self._call(
                    step,
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
                    await self._call(
                        step,
                        partial(
                            sns.set_subscription_attributes,
                            SubscriptionArn=arn,
                            AttributeName=name,
                            AttributeValue=value,
                        ),
                    )
            case Unsubscribe(arn):
                await self._call(step, lambda: sns.unsubscribe(SubscriptionArn=arn))

    async def _call(self, step: Step, make: Callable[[], Awaitable[Result]]) -> Result:
        change = step.change
        return await self._calls.call(f"to {change.action} the {change.resource}", make)


def _given(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes for something new: what is empty has its default."""
    return {name: value for name, value in attributes.items() if value}


def _tag_list(tags: Mapping[str, str]) -> Any:  # noqa: ANN401  a type of the stubs
    return [{"Key": key, "Value": value} for key, value in tags.items()]
