"""Declare events, subscribers and rules once; choose in configuration where they run."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.bus import EventBus
    from eventroute.casts import downcast, upcast
    from eventroute.delivery import (
        Batch,
        CircuitBreaker,
        Counts,
        DeadLetterQueue,
        DeadLetterReport,
        Depends,
        Health,
        HealthState,
        Middleware,
        RateLimit,
        Retry,
    )
    from eventroute.envelope import Event
    from eventroute.errors import BatchError, EventRouteError, RejectError, RetryAfterError
    from eventroute.event_type import EventType, as_event, event, event_type_of
    from eventroute.pattern import Pattern, PatternIndex
    from eventroute.port import DeadLetter, Delivery, QueueDepth
    from eventroute.publisher import Publisher
    from eventroute.router import Router

__all__ = [
    "Batch",
    "BatchError",
    "CircuitBreaker",
    "Counts",
    "DeadLetter",
    "DeadLetterQueue",
    "DeadLetterReport",
    "Delivery",
    "Depends",
    "Event",
    "EventBus",
    "EventRouteError",
    "EventType",
    "Health",
    "HealthState",
    "Middleware",
    "Pattern",
    "PatternIndex",
    "Publisher",
    "QueueDepth",
    "RateLimit",
    "RejectError",
    "Retry",
    "RetryAfterError",
    "Router",
    "as_event",
    "downcast",
    "event",
    "event_type_of",
    "upcast",
]

# A program that only matches patterns loads no event loop, and a Lambda function starts sooner.
_MODULES = {
    "Batch": "delivery",
    "BatchError": "errors",
    "CircuitBreaker": "delivery",
    "Counts": "delivery",
    "DeadLetter": "port",
    "DeadLetterQueue": "delivery",
    "DeadLetterReport": "delivery",
    "Delivery": "port",
    "Depends": "delivery",
    "Event": "envelope",
    "EventBus": "bus",
    "EventRouteError": "errors",
    "EventType": "event_type",
    "Health": "delivery",
    "HealthState": "delivery",
    "Middleware": "delivery",
    "Pattern": "pattern",
    "PatternIndex": "pattern",
    "Publisher": "publisher",
    "QueueDepth": "port",
    "RateLimit": "delivery",
    "RejectError": "errors",
    "Retry": "delivery",
    "RetryAfterError": "errors",
    "Router": "router",
    "as_event": "event_type",
    "downcast": "casts",
    "event": "event_type",
    "event_type_of": "event_type",
    "upcast": "casts",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'eventroute' has no attribute {name!r}")
    value: object = getattr(import_module(f"eventroute.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
