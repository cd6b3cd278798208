"""A subscription with its handler, and how its deliveries are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from eventroute.delivery.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.delivery.batch import Batch
    from eventroute.delivery.breaker import CircuitBreaker
    from eventroute.delivery.dependencies import Dependency
    from eventroute.delivery.guard import Guard
    from eventroute.delivery.handler import Handler
    from eventroute.delivery.middleware import Middleware
    from eventroute.delivery.rate import RateLimit
    from eventroute.envelope import Event
    from eventroute.event_type import EventType
    from eventroute.idempotency.policy import Idempotency
    from eventroute.topology import Subscription

__all__ = ["ContractCheck", "Subscriber"]

ContractCheck: TypeAlias = Callable[["Event", "int | None"], object]
"""Checks an event that was received, with the version that it names, against its contract.

It raises :class:`~eventroute.errors.ContractViolationError` and
:class:`~eventroute.errors.ContractNotFoundError`.
"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What ``@router.subscribe`` declares.

    :ivar retry: when failed attempts are made again.
    :ivar concurrency: most attempts under way at once in one process; ``None`` takes the
        configured default.
    :ivar timeout: seconds that an attempt may take, by the bus's clock.
    :ivar batch: how many events a handler that takes lists is given.
    :ivar rate: how many events are received in a time.
    :ivar breaker: when nothing is received, because what the handler depends on is down.
    :ivar idempotency: which events count as the same; ``None`` handles each delivery.
    :ivar guard: sees to that, on a bus that runs.
    :ivar middleware: stands around the handler, the outermost first.
    :ivar event_type: what was subscribed to, or else what the handler reads; ``None`` for a pattern
        whose handler reads no event type.
    :ivar contract_check: checks what a handler without a payload model is given.
    :ivar overrides: what is called in the place of a factory, by the factory's ``id``.
    """

    subscription: Subscription
    handler: Handler
    retry: Retry = field(default_factory=Retry)
    concurrency: int | None = None
    timeout: float | None = None
    batch: Batch | None = None
    rate: RateLimit | None = None
    breaker: CircuitBreaker | None = None
    idempotency: Idempotency | None = None
    guard: Guard | None = None
    middleware: tuple[Middleware, ...] = ()
    event_type: EventType | None = None
    contract_check: ContractCheck | None = None
    overrides: Mapping[int, Dependency] = field(default_factory=dict)
