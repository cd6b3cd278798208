"""Targets: what can be said of them before anything runs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from eventroute.errors import DeclarationError
from eventroute.targets import (
    ApiDestination,
    EventBusTarget,
    KinesisStream,
    LambdaFunction,
    LogGroup,
    SnsTopic,
    SqsQueue,
    StateMachine,
    Target,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NONE: Mapping[str, str] = MappingProxyType({})
ROLE = "arn:aws:iam::111122223333:role/events"


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:eu-west-1:111122223333:{rest}"


TARGETS: dict[str, Target] = {
    "sns-topic": SnsTopic(arn("sns", "alarms")),
    "sqs-queue": SqsQueue(arn("sqs", "alarms")),
    "lambda-function": LambdaFunction(arn("lambda", "function:thumbnail")),
    "log-group": LogGroup(arn("logs", "log-group:/aws/events/shop")),
    "event-bus": EventBusTarget(arn("events", "event-bus/other"), ROLE),
    "kinesis-stream": KinesisStream(arn("kinesis", "stream/clicks"), ROLE),
    "state-machine": StateMachine(arn("states", "stateMachine:refund"), ROLE),
    "api-destination": ApiDestination(arn("events", "api-destination/crm/0123"), ROLE),
}


def endpoint(
    path: tuple[str, ...] = (),
    headers: Mapping[str, str] = NONE,
    query: Mapping[str, str] = NONE,
) -> ApiDestination:
    return ApiDestination(
        arn("events", "api-destination/crm/0123"), ROLE, path=path, headers=headers, query=query
    )


def test_an_endpoint_is_given_what_http_allows() -> None:
    headers, query = {"X-Shop_1": "eu west, 1"}, {"größe": "ü 1"}
    made = endpoint(path=("$.detail.id", "a b"), headers=headers, query=query)
    assert (made.headers, made.query) == (headers, query)


@pytest.mark.parametrize("kind", TARGETS)
def test_each_kind_has_its_name(kind: str) -> None:
    assert TARGETS[kind].kind == kind


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: SnsTopic("alarms"), "no ARN of a sns-topic; it looks like 'arn:aws:sns:"),
        (lambda: SnsTopic(arn("sqs", "alarms")), "no ARN of a sns-topic"),
        (lambda: SnsTopic(arn("sns", "alarms.fifo")), "delivers to no FIFO topic"),
        (lambda: LambdaFunction(arn("lambda", "thumbnail")), "function:NAME"),
        (lambda: LogGroup(arn("logs", "log-group:shop:*")), "leave ':\\*' out"),
        (lambda: SqsQueue(arn("sqs", "a.fifo")), "needs message_group="),
        (lambda: SqsQueue(arn("sqs", "a"), message_group="g"), "no other has one"),
        (lambda: SqsQueue(arn("sqs", "a.fifo"), "g" * 101), "has 101 characters; write 1 to 100"),
        (lambda: SqsQueue(arn("sqs", "a.fifo"), ""), "has 0 characters"),
        (lambda: StateMachine(arn("states", "stateMachine:refund"), "events"), "no ARN of a role"),
        (
            lambda: KinesisStream(arn("kinesis", "stream/clicks"), ROLE, partition_key="id"),
            "write a path such as",
        ),
        (lambda: endpoint(headers={"x shop": "eu"}), "no 'x shop' there"),
        (lambda: endpoint(headers={"x-shop": "eu\nx-other: 1"}), "on one line"),
        (lambda: endpoint(headers={"x-shop": "x" * 513}), "1 to 512 characters"),
        (lambda: endpoint(headers={"": "eu"}), "no '' there"),
        (lambda: endpoint(query={"shop": "a\tb"}), "on one line"),
        (lambda: endpoint(path=("$.detail.id", " ")), "is a line that is not empty"),
    ],
)
def test_what_aws_would_refuse_is_refused_with_the_value(
    make: Callable[[], Target], told: str
) -> None:
    with pytest.raises(DeclarationError, match=told):
        make()
