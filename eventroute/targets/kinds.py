"""The kinds of targets, as pure data.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias, get_args

from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS",
    "ApiDestination",
    "EventBusTarget",
    "KinesisStream",
    "LambdaFunction",
    "LogGroup",
    "SnsTopic",
    "SqsQueue",
    "StateMachine",
    "Target",
]

_ARN: Final = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):[a-z0-9-]*:[0-9]{12}:(?P<rest>\S+)")
_PATH: Final = re.compile(r"\$(\.[\w-]+(\[[0-9]+\])?)+", re.ASCII)
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_HttpParameters.html
_LONGEST: Final = 512
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-zA-Z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*[\x20-\x7e][\t\x20-\x7e]*")
_QUERY: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_LONGEST_GROUP: Final = 100
_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SnsTopic:
    """An SNS topic. Its policy must let ``events.amazonaws.com`` publish.

    :ivar arn: of a standard topic; EventBridge delivers to no FIFO topic.
    """

    kind: ClassVar = "sns-topic"
    arn: str

    def __post_init__(self) -> None:
        _check_arn(self, "sns")
        if self.arn.endswith(".fifo"):
            raise DeclarationError(
                f"SnsTopic({self.arn!r}): EventBridge keeps no order and delivers to no FIFO topic"
            )


@dataclass(frozen=True, slots=True)
class SqsQueue:
    """An SQS queue that others read. Its policy must let ``events.amazonaws.com`` send.

    :ivar message_group: message group of everything that arrives; a FIFO queue needs one.
    """

    kind: ClassVar = "sqs-queue"
    arn: str
    message_group: str | None = None

    def __post_init__(self) -> None:
        _check_arn(self, "sqs")
        if self.arn.endswith(".fifo") is not (self.message_group is not None):
            raise DeclarationError(
                f"SqsQueue({self.arn!r}): a FIFO queue needs message_group=, and no other has one"
            )
        if self.message_group is not None and not 1 <= len(self.message_group) <= _LONGEST_GROUP:
            raise DeclarationError(
                f"SqsQueue(message_group={self.message_group[:40]!r}...): has "
                f"{len(self.message_group)} characters; write 1 to {_LONGEST_GROUP}"
            )


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """A Lambda function. Its policy must let ``events.amazonaws.com`` invoke it."""

    kind: ClassVar = "lambda-function"
    arn: str

    def __post_init__(self) -> None:
        _check_arn(self, "lambda", "function:")


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A CloudWatch log group. The account's resource policy of logs must let EventBridge write.

    :ivar arn: without ``:*`` at its end.
    """

    kind: ClassVar = "log-group"
    arn: str

    def __post_init__(self) -> None:
        _check_arn(self, "logs", "log-group:")
        if self.arn.endswith(":*"):
            raise DeclarationError(f"LogGroup({self.arn!r}): leave ':*' out")


@dataclass(frozen=True, slots=True)
class EventBusTarget:
    """Another event bus, perhaps of another account or region.

    :ivar role: ARN of the role that EventBridge takes on, with ``events:PutEvents``.
    """

    kind: ClassVar = "event-bus"
    arn: str
    role: str

    def __post_init__(self) -> None:
        _check_arn(self, "events", "event-bus/")
        _check_role(self, self.role)


@dataclass(frozen=True, slots=True)
class KinesisStream:
    """A Kinesis data stream.

    :ivar role: ARN of the role that EventBridge takes on, with ``kinesis:PutRecord``.
    :ivar partition_key: JSON path of what decides about the shard.
    """

    kind: ClassVar = "kinesis-stream"
    arn: str
    role: str
    partition_key: str = "$.id"

    def __post_init__(self) -> None:
        _check_arn(self, "kinesis", "stream/")
        _check_role(self, self.role)
        if not _PATH.fullmatch(self.partition_key):
            raise DeclarationError(
                f"KinesisStream(partition_key={self.partition_key!r}): write a path such as "
                "'$.detail.order_id'"
            )


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A Step Functions state machine.

    :ivar role: ARN of the role that EventBridge takes on, with ``states:StartExecution``.
    """

    kind: ClassVar = "state-machine"
    arn: str
    role: str

    def __post_init__(self) -> None:
        _check_arn(self, "states", "stateMachine:")
        _check_role(self, self.role)


@dataclass(frozen=True, slots=True)
class ApiDestination:
    """An HTTP endpoint, as an EventBridge API destination.

    :ivar role: ARN of the role that EventBridge takes on, with ``events:InvokeApiDestination``.
    :ivar path: values for the ``*`` of the endpoint's URL, each a text or a JSON path.
    :ivar headers: more headers, by name.
    :ivar query: more members of the query, by name.
    """

    kind: ClassVar = "api-destination"
    arn: str
    role: str
    path: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_TEXTS)
    query: Mapping[str, str] = field(default_factory=lambda: _NO_TEXTS)

    def __post_init__(self) -> None:
        _check_arn(self, "events", "api-destination/")
        _check_role(self, self.role)
        for value in self.path:
            if not value.strip() or "\n" in value:
                raise DeclarationError(
                    f"ApiDestination(path={value!r}): each value is a line that is not empty"
                )
        _check_texts("headers", self.headers, _HEADER, _HEADER_VALUE)
        _check_texts("query", self.query, _QUERY, _QUERY)


Target: TypeAlias = (
    ApiDestination
    | EventBusTarget
    | KinesisStream
    | LambdaFunction
    | LogGroup
    | SnsTopic
    | SqsQueue
    | StateMachine
)

KINDS: Final = frozenset(target.kind for target in get_args(Target))
"""Every kind."""


def _check_arn(target: Target, service: str, begin: str = "") -> None:
    match = _ARN.fullmatch(target.arn) if isinstance(target.arn, str) else None
    if match is None or match["service"] != service or not match["rest"].startswith(begin):
        example = f"arn:aws:{service}:eu-west-1:111122223333:{begin}NAME"
        raise DeclarationError(
            f"{type(target).__name__}({target.arn!r}): is no ARN of a {target.kind}; "
            f"it looks like {example!r}"
        )


def _check_texts(
    what: str, texts: Mapping[str, str], name_: re.Pattern[str], value_: re.Pattern[str]
) -> None:
    for name, value in texts.items():
        for text, allowed in ((name, name_), (value, value_)):
            if len(text) > _LONGEST or not allowed.fullmatch(text):
                raise DeclarationError(
                    f"ApiDestination({what}={{{name[:40]!r}: {value[:40]!r}}}): EventBridge takes "
                    f"no {text[:40]!r} there; write 1 to {_LONGEST} characters that HTTP allows, "
                    "on one line"
                )


def _check_role(target: Target, role: str) -> None:
    match = _ARN.fullmatch(role) if isinstance(role, str) else None
    if match is None or match["service"] != "iam" or not match["rest"].startswith("role/"):
        raise DeclarationError(
            f"{type(target).__name__}(role={role!r}): is no ARN of a role; "
            "it looks like 'arn:aws:iam::111122223333:role/NAME'"
        )
