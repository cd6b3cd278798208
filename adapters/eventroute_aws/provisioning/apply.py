"""Does the steps; here those of queues."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import ClientError

from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.provisioning.steps import ChangeQueue, CreateQueue, DeleteQueue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.provisioning.steps import QueueStep, Told

__all__ = ["MovedError", "QueueApplier", "apply", "given"]

StepT = TypeVar("StepT", bound="Told")

_TAKEN: Final = frozenset(
    {
        "AWS.SimpleQueueService.QueueNameExists",
        "QueueAlreadyExists",
        "QueueNameExists",
        "ResourceAlreadyExistsException",
    }
)
_MOVED: Final = ("already exists", "Dead letter target does not exist")
"""SQS may not know a dead-letter queue yet that it has just made."""


class MovedError(Exception):
    """Somebody else changed the same thing meanwhile: look again."""


async def apply(
    phases: Iterable[Iterable[StepT]], do: Callable[[StepT], Awaitable[None]], calls: Calls
) -> None:
    """Do steps: those of one phase at once, those of the next only afterwards.

    :param do: does one, or raises what botocore does.
    :raises MovedError: they no longer fit what there is.
    :raises EventRouteError: AWS refused, or could not be reached. What was done stays.
    """
    for phase in phases:
        await calls.each(phase, partial(_done, do))


async def _done(do: Callable[[StepT], Awaitable[None]], step: StepT) -> None:
    change = step.change
    try:
        await do(step)
    except ClientError as error:
        code, said = code_of(error), str(error)
        gone = code in MISSING
        if gone and change.action == "delete":
            return
        if gone or code in _TAKEN or any(one in said for one in _MOVED):
            raise MovedError(said) from error
        raise translate(error, f"to {change.action} the {change.resource}") from error


class QueueApplier:
    """Changes SQS.

    :ivar urls: of the queues that it created, by name.
    """

    def __init__(self, clients: Clients, calls: Calls) -> None:
        self._clients = clients
        self._calls = calls
        self.urls: dict[str, str] = {}

    async def do(self, step: QueueStep) -> None:
        """Do a step.

        :raises ClientError: AWS refused.
        :raises EventRouteError: AWS could not be reached.
        """
        sqs = await self._clients.sqs()
        match step:
            case CreateQueue(queue, policy):
                attributes: Any = given({**queue.attributes, "Policy": policy})
                tags = dict(queue.tags)
                answer = await self._calls.make(
                    step.change,
                    lambda: sqs.create_queue(
                        QueueName=queue.name, Attributes=attributes, tags=tags
                    ),
                )
                self.urls[queue.name] = answer["QueueUrl"]
            case ChangeQueue(_, url):
                changed: Any = dict(step.attributes)
                if changed:
                    await self._calls.make(
                        step.change,
                        lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=changed),
                    )
                if step.tags:
                    lacking = dict(step.tags)
                    await self._calls.make(
                        step.change, lambda: sqs.tag_queue(QueueUrl=url, Tags=lacking)
                    )
            case DeleteQueue(_, url):
                await self._calls.make(step.change, lambda: sqs.delete_queue(QueueUrl=url))


def given(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes for something new: what is empty has its default."""
    return {name: value for name, value in attributes.items() if value}
