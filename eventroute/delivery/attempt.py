"""One attempt: from a delivery to the verdict on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import anyio

from eventroute.delivery.frames import frames_of
from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.payload import Payloads
from eventroute.delivery.screen import screen
from eventroute.delivery.surroundings import surroundings_of
from eventroute.delivery.time_limit import within
from eventroute.delivery.verdict import (
    HopelessError,
    Verdict,
    buried,
    error_text,
    readable,
    text_of,
)
from eventroute.errors import (
    ContractError,
    ContractNotFoundError,
    EventError,
    JSONTextError,
    LimitExceededError,
    RejectError,
    RetryAfterError,
)
from eventroute.port import Ack, Release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from eventroute.clock import Clock
    from eventroute.delivery.guard import Guard
    from eventroute.delivery.handler import Arguments
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.delivery.threads import Threads
    from eventroute.port import Delivery
    from eventroute.publisher import Publisher

__all__ = ["Attempt", "was_cancelled"]

Make: TypeAlias = Callable[["Delivery", float], Awaitable[Verdict]]


class Attempt:
    """Makes the attempts of one subscriber.

    :param longest_delay: the longest that the backend delays a release, in seconds.
    :ivar make: filters, decodes and handles one delivery; takes it and the seconds since it was
        received. Raises only when it is cancelled.
    """

    def __init__(
        self,
        subscriber: Subscriber,
        publisher: Publisher,
        random: Random,
        clock: Clock,
        *,
        threads: Threads,
        longest_delay: float | None,
    ) -> None:
        self._handler = subscriber.handler
        self._function: Callable[..., Any] = self._handler.function
        self._payloads = Payloads(subscriber)
        self._read = self._payloads.read
        self._matches = screen(subscriber)
        self._retry = subscriber.retry
        self._ages = subscriber.retry.max_age is not None
        self._timeout = subscriber.timeout
        self._is_plain = self._handler.is_async and self._timeout is None
        self._publisher = publisher
        self._random = random
        self._threads = threads
        self._clock = clock
        self._longest_delay = inf if longest_delay is None else longest_delay
        self._guard = subscriber.guard
        # A thread cannot be cancelled: when its time is over it is left to itself, unless it holds
        # what would be closed under its hands.
        self._abandons = not (self._handler.transaction or self._handler.dependencies)
        self.surroundings = surroundings_of(
            subscriber, publisher, threads, self._arguments, self._call
        )
        # Most handlers take the payload, and have nothing around them.
        is_simple = (
            self._is_plain
            and self.surroundings is None
            and self._handler.takes_payload_alone
            and not self._ages
        )
        self._pattern = subscriber.subscription.pattern
        self.make: Make = self._make_simply if is_simple else self._make
        if self._guard is not None:
            self.make = self._make_once

    def now(self) -> float:
        """The time of the clock, where the retry policy asks for it."""
        return self._clock.now() if self._ages else 0.0

    async def _make_once(self, delivery: Delivery, waited: float) -> Verdict:
        """Make an attempt, unless the event was handled before."""
        guard = cast("Guard", self._guard)
        try:
            matched = self._matches(delivery)
            key = guard.key_of(delivery) if matched else None
        except (EventError, JSONTextError, LimitExceededError):
            key = None  # judged as ever
        except Exception as error:
            return self.judged(delivery, None, error, waited)
        if key is None:
            return await self._make(delivery, waited)
        began = self.now()
        return await guard.make(
            key,
            delivery,
            lambda transaction: self._make(delivery, waited, transaction),
            lambda subject, error: self.judged(
                delivery, subject, error, waited + self.now() - began
            ),
        )

    async def _make_simply(self, delivery: Delivery, waited: float = 0.0) -> Verdict:
        subject: object = None
        try:
            # A first attempt at what the backend has evaluated is to be handled.
            is_known = delivery.matched is self._pattern and delivery.attempt == 1
            if not is_known and not self.matches(delivery, waited):
                return Verdict(Ack(delivery), Outcome(OutcomeKind.FILTERED, delivery))
            subject = self.subject(delivery)
            await self._function(subject)
        except (Exception, GeneratorExit) as error:
            return self.judged(delivery, subject, error, waited)
        except anyio.get_cancelled_exc_class() as error:
            if was_cancelled():
                raise
            return self.judged(delivery, subject, error, waited)
        return Verdict(Ack(delivery), Outcome(OutcomeKind.HANDLED, delivery, subject))

    async def _make(
        self, delivery: Delivery, waited: float = 0.0, transaction: object = None
    ) -> Verdict:
        subject: object = None
        began = self.now() if self._ages else 0.0
        try:
            if not self.matches(delivery, waited):
                return Verdict(Ack(delivery), Outcome(OutcomeKind.FILTERED, delivery))
            if self.surroundings is None:
                positional, keywords, subject = self._arguments(delivery, transaction)
                await self.call(positional, keywords)
            else:
                scene = self.surroundings.scene(delivery, transaction)
                try:
                    await self._in_time(scene.play)
                finally:
                    subject = scene.subject
        except (Exception, GeneratorExit) as error:
            return self.judged(delivery, subject, error, waited + self.now() - began)
        except anyio.get_cancelled_exc_class() as error:
            if was_cancelled():
                raise
            return self.judged(delivery, subject, error, waited + self.now() - began)
        return Verdict(Ack(delivery), Outcome(OutcomeKind.HANDLED, delivery, subject))

    def matches(self, delivery: Delivery, waited: float) -> bool:
        """Whether the event is to be handled.

        :raises HopelessError: no attempt can succeed.
        """
        retry = self._retry
        if delivery.attempt > retry.attempts:
            raise HopelessError(
                "attempts-exhausted",
                f"attempt {delivery.attempt - 1} did not come to an end: its worker died, or its "
                "lease ended",
                attempts=delivery.attempt - 1,
            )
        try:
            matched = self._matches(delivery)
        except (EventError, JSONTextError, LimitExceededError) as error:
            raise HopelessError("undecodable", str(error)) from error
        if not matched:
            return False
        if retry.max_age is not None and delivery.age + waited > retry.max_age:
            raise HopelessError(
                "too-old",
                f"published {delivery.age + waited:.0f} s before attempt {delivery.attempt}; "
                f"Retry(max_age={retry.max_age:g})",
            )
        return True

    def subject(self, delivery: Delivery) -> object:
        """What is handled: the payload, or else the event.

        :raises HopelessError: it does not fit the payload's model, or its contract.
        """
        try:
            return self._read(delivery)
        except ContractError:  # the contract is at fault, not the event
            raise
        except (ValueError, ContractNotFoundError) as error:  # pydantic's is a ValueError
            raise self._payloads.refusal(delivery, error) from error

    def _arguments(self, delivery: Delivery, transaction: object) -> Arguments:
        subject = self.subject(delivery)
        return self._handler.arguments(delivery, subject, self._publisher, transaction)

    async def call(self, positional: list[object], keywords: dict[str, object]) -> None:
        """Call the handler.

        :raises TimeoutError: it took too long.
        """
        if self._is_plain:
            await self._function(*positional, **keywords)
        else:
            await self._in_time(partial(self._call, positional, keywords))

    async def call_many(
        self,
        deliveries: Sequence[Delivery],
        positional: list[object],
        keywords: dict[str, object],
    ) -> None:
        """Call a handler that takes lists, as :meth:`call` does, with what it depends on."""
        if self.surroundings is None:
            await self.call(positional, keywords)
        else:
            await self._in_time(
                partial(self.surroundings.call_many, deliveries, positional, keywords)
            )

    async def _in_time(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._timeout is None:
            await call()
        else:
            await within(self._timeout, self._clock, call)

    async def _call(self, positional: list[object], keywords: dict[str, object]) -> None:
        if self._handler.is_async:
            await self._function(*positional, **keywords)
            return
        result = await self._threads.call(
            partial(self._function, *positional, **keywords), may_leave=self._abandons
        )
        if isawaitable(result):
            await result

    def judged(
        self, delivery: Delivery, subject: object, error: BaseException, passed: float
    ) -> Verdict:
        """The verdict on an attempt that raised.

        :param passed: seconds since the delivery was received; only a ``max_age`` needs them.
        """
        error = readable(error)
        if isinstance(error, HopelessError):
            cause, made = error.__cause__ or error, error.attempts
            return buried(delivery, error.reason, str(error), subject, cause, attempts=made)
        if isinstance(error, RejectError):
            return self._buried(delivery, "rejected", text_of(error), subject, error)
        retry, text = self._retry, error_text(error)
        asked = _asked(error)
        if asked is None and not retry.tries_again(error):
            return self._buried(delivery, "not-retryable", text, subject, error)
        delay = retry.delay(delivery.attempt, self._random)
        if delay is None:
            return self._buried(delivery, "attempts-exhausted", text, subject, error)
        delay = min(delay if asked is None else asked, self._longest_delay)
        if retry.max_age is not None and delivery.age + passed + delay > retry.max_age:
            return self._buried(delivery, "too-old", text, subject, error)
        outcome = Outcome(OutcomeKind.RETRIED, delivery, subject, error)
        return Verdict(Release(delivery, delay), outcome)

    def _buried(
        self, delivery: Delivery, reason: str, text: str, subject: object, error: BaseException
    ) -> Verdict:
        frames = frames_of(error, self._handler.function)
        return buried(delivery, reason, text, subject, error, frames=frames)


def was_cancelled() -> bool:
    """Whether somebody cancels the worker; else a handler let the end of a task of its own out."""
    return anyio.current_effective_deadline() == -inf


def _asked(error: BaseException) -> float | None:
    """After how many seconds a handler asks for another attempt."""
    # A class derived from it may leave the number out.
    seconds = getattr(error, "seconds", None) if isinstance(error, RetryAfterError) else None
    return seconds if isinstance(seconds, int | float) and seconds >= 0 else None
