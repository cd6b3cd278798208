"""Asks an emulator's own rule engines, over the wire."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import anyio
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

from tools.emulators.emulator import REGION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tools.emulators import Emulator

    from .cases import Answer, Case

__all__ = ["asked_filters", "asked_rules"]

_AT_ONCE: Final = 16
_REFUSALS: Final = {"InvalidEventPatternException", "InvalidParameter", "ValidationException"}
_CONFIG: Final = AioConfig(
    max_pool_connections=2 * _AT_ONCE,
    parameter_validation=False,
    retries={"total_max_attempts": 1},
)


async def asked_rules(emulator: Emulator, cases: Sequence[Case]) -> dict[str, Answer]:
    """What TestEventPattern says, by the name of the case."""
    async with AsyncExitStack() as stack:
        events = await _client(stack, emulator, "events")

        async def ask(case: Case) -> Answer:
            answer = await events.test_event_pattern(EventPattern=case.pattern, Event=case.event)
            matches: bool = answer["Result"]
            return "valid" if case.aws == "valid" else matches

        return await _asked(cases, ask)


async def asked_filters(
    emulator: Emulator, cases: Sequence[Case], *, wait: int
) -> dict[str, Answer]:
    """Whether a subscription with the filter policy gets the message, by the name of the case.

    :param wait: seconds after which a message that did not come was left out.
    """
    async with AsyncExitStack() as stack:
        sns = await _client(stack, emulator, "sns")
        sqs = await _client(stack, emulator, "sqs")

        async def ask(case: Case) -> Answer:
            name = f"case-{cases.index(case)}"
            topic = (await sns.create_topic(Name=name))["TopicArn"]
            queue = (await sqs.create_queue(QueueName=name))["QueueUrl"]
            await sns.subscribe(
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=topic.replace(":sns:", ":sqs:"),
                Attributes={"FilterPolicy": case.pattern, "FilterPolicyScope": case.scope},
            )
            if case.aws == "invalid":
                return "valid"
            attributes = {
                member: {"DataType": value["Type"], "StringValue": str(value["Value"])}
                for member, value in case.attributes.items()
            }
            await sns.publish(TopicArn=topic, Message=case.event, MessageAttributes=attributes)
            answer = await sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=wait)
            return bool(answer.get("Messages"))

        return await _asked(cases, ask)


async def _client(stack: AsyncExitStack, emulator: Emulator, service: str) -> Any:  # noqa: ANN401  one of many generated types
    made = get_session().create_client(
        service,  # type: ignore[call-overload]  # its overloads name each service
        endpoint_url=emulator.url,
        region_name=REGION,
        config=_CONFIG,
    )
    return await stack.enter_async_context(made)


async def _asked(
    cases: Sequence[Case], ask: Callable[[Case], Awaitable[Answer]]
) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    free = anyio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> None:
        async with free:
            try:
                answers[case.name] = await ask(case)
            except ClientError as error:
                refused = error.response.get("Error", {}).get("Code") in _REFUSALS
                answers[case.name] = "invalid" if refused else "error"

    async with anyio.create_task_group() as tasks:
        for case in cases:
            tasks.start_soon(one, case)
    return answers
