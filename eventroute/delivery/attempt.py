"""One attempt: from a delivery to the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from eventroute.delivery.frames import frames_of
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.errors import EventError, JSONTextError, LimitExceededError, RejectError
from eventroute.jsontext import pointer
from eventroute.port import Ack, Bury, Release

if TYPE_CHECKING:
    from random import Random

    from eventroute.delivery.handler import Arguments
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Delivery, Settlement
    from eventroute.publisher import Publisher

__all__ = ["Attempt", "Verdict"]

_LONGEST_TEXT: Final = 2_000
"""Characters of an error's text that a dead letter keeps."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to tell the backend, and what to tell the observer once the backend agreed."""

    settlement: Settlement
    outcome: Outcome


class _HopelessError(Exception):
    """No further attempt can succeed."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


class Attempt:
    """Makes the attempts of one subscriber."""

    def __init__(
        self,
        subscriber: Subscriber,
        publisher: Publisher,
        random: Random,
        threads: anyio.CapacityLimiter,
    ) -> None:
        self._handler = subscriber.handler
        self._matches = subscriber.subscription.pattern.matches
        self._retry = subscriber.retry
        self._publisher = publisher
        self._random = random
        self._threads = threads

    async def make(self, delivery: Delivery) -> Verdict:
        """Filter, decode and handle one delivery. Raises only when it is cancelled."""
        subject: object = None
        try:
            arguments = self._arguments(delivery)
            if arguments is None:
                return Verdict(Ack(delivery), Outcome(OutcomeKind.FILTERED, delivery))
            positional, keywords, subject = arguments
            await self._call(positional, keywords)
        except _HopelessError as error:
            return _buried(delivery, error.reason, str(error), subject, error.__cause__ or error)
        except RejectError as error:
            frames = frames_of(error, self._handler.function)
            return _buried(delivery, "rejected", str(error), subject, error, frames=frames)
        except Exception as error:
            return self._failed(delivery, subject, error)
        except anyio.get_cancelled_exc_class() as error:
            if anyio.current_effective_deadline() == -inf:
                raise
            # Nobody cancelled the worker: the handler let the end of a task of its own escape.
            return self._failed(delivery, subject, error)
        return Verdict(Ack(delivery), Outcome(OutcomeKind.HANDLED, delivery, subject))

    def _arguments(self, delivery: Delivery) -> Arguments | None:
        """What to call the handler with; ``None`` where the event does not match."""
        if delivery.attempt > self._retry.attempts:
            raise _HopelessError(
                "attempts-exhausted",
                f"attempt {delivery.attempt - 1} did not come to an end: its worker died, or its "
                "lease ended",
            )
        try:
            matched = self._matches(delivery.event)
        except (EventError, JSONTextError, LimitExceededError) as error:
            raise _HopelessError("undecodable", str(error)) from error
        if not matched:
            return None
        try:
            return self._handler.arguments(delivery, self._publisher)
        except ValueError as error:  # pydantic's ValidationError is one
            raise _HopelessError("contract-violated", _places(error)) from error

    async def _call(self, positional: list[object], keywords: dict[str, object]) -> None:
        call = partial(self._handler.function, *positional, **keywords)
        result: Any
        if self._handler.is_async:
            result = call()
        else:
            # A thread cannot be cancelled: after the grace period it is left to itself.
            result = await anyio.to_thread.run_sync(
                call, abandon_on_cancel=True, limiter=self._threads
            )
        if isawaitable(result):
            await result

    def _failed(self, delivery: Delivery, subject: object, error: BaseException) -> Verdict:
        delay = self._retry.delay(delivery.attempt, self._random)
        if delay is None:
            text = f"{type(error).__qualname__}: {error}"
            frames = frames_of(error, self._handler.function)
            return _buried(delivery, "attempts-exhausted", text, subject, error, frames=frames)
        outcome = Outcome(OutcomeKind.RETRIED, delivery, subject, error)
        return Verdict(Release(delivery, delay), outcome)


def _buried(
    delivery: Delivery,
    reason: str,
    text: str,
    subject: object,
    error: BaseException,
    *,
    frames: str = "",
) -> Verdict:
    outcome = Outcome(OutcomeKind.DEAD_LETTERED, delivery, subject, error)
    return Verdict(Bury(delivery, reason, text[:_LONGEST_TEXT], frames), outcome)


def _places(error: ValueError) -> str:
    """Where a payload does not fit its model, without the values, which may be secret."""
    from pydantic import ValidationError  # noqa: PLC0415  loaded long ago if it was raised

    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"at {pointer(*problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
