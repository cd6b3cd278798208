"""Where a route leads: targets that a backend delivers to by itself, without a Python handler."""

from eventroute.targets.kinds import (
    KINDS,
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
from eventroute.targets.transformer import InputTransformer

__all__ = [
    "KINDS",
    "ApiDestination",
    "EventBusTarget",
    "InputTransformer",
    "KinesisStream",
    "LambdaFunction",
    "LogGroup",
    "SnsTopic",
    "SqsQueue",
    "StateMachine",
    "Target",
]
