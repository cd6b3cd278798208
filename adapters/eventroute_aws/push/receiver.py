"""The ASGI application that SNS posts to."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from logging import getLogger
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.backend_options import read_table
from eventroute.clock import SystemClock
from eventroute.errors import ConfigurationError, EventRouteError, UnsupportedError
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.options import SnsOptions
from eventroute_aws.push.aws_calls import AwsCalls
from eventroute_aws.push.contents import Contents, contents_of, contents_of_raw
from eventroute_aws.push.http import RefusedError, answer, read_body, read_request
from eventroute_aws.push.lifespan import live
from eventroute_aws.push.notification import CONFIRMATION, NOTIFICATION, read_pushed
from eventroute_aws.push.seen import Seen
from eventroute_aws.push.signature import SignatureVerifier
from eventroute_aws.push.topics import checked_topics
from eventroute_aws.push.turns import Turns
from eventroute_aws.push.verdicts import status_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from eventroute.clock import Clock
    from eventroute_aws.push.http import Receive, Request, Scope, Send
    from eventroute_aws.push.notification import PushedMessage
    from eventroute_aws.push.signature import Verifier
    from eventroute_aws.push.target import Target

__all__ = ["TOPICS_HEADER", "SnsPushReceiver"]

logger: Final = getLogger("eventroute.aws")

TOPICS_HEADER: Final = "sns-topics"
"""Header of an event that was pushed: ARNs of the topics that did, the latest last."""

_AHEAD: Final = timedelta(minutes=5)
_MOST: Final = 1_000_000_000


class SnsPushReceiver:
    """Publishes what SNS pushes, so that the bus's subscriptions get it.

    An event keeps its id. The answer is 200 once the bus has accepted it; 4xx where it never will,
    after which SNS gives up; 503 where it may, after which SNS tries again. Subscriptions of the
    endpoint are confirmed by a call of AWS; no URL in a message is ever opened, except that of a
    certificate of SNS.

    A server that runs the receiver by itself opens and closes the bus with it. Inside another
    application, that one does. There, ``async with receiver:`` keeps connections to AWS open for as
    long; without it, each confirmation and each event that lies in S3 makes its own.

    :param bus: an :class:`~eventroute.EventBus`.
    :param topics: ARNs of the topics that may push. Others are refused.
    :param options: the table ``[sns]`` as for the backend: ``region``, ``profile``,
        ``endpoint_url``, ``claim_check``; for confirmations, and for events that lie in S3.
    :param verifier: decides whether SNS has sent a message. An emulator may need another one.
    :param max_age: seconds after which a message is refused as a replay. SNS repeats for an hour at
        most.
    :param remember: how many messages this process remembers, so as to publish them once; 0 for
        none. They come twice where an answer was lost.
    :param max_body: bytes of the largest body.
    :param timeout: seconds after which the answer is 503. SNS waits for 15.
    :param allow_raw: take raw deliveries too, **which are not signed**: whoever knows the URL and
        the ARN may send them, old ones as well. Only behind something that authenticates SNS.
    :param now: tells the time.
    :raises ConfigurationError: a topic is none, or a number cannot work.
    """

    def __init__(
        self,
        bus: Target,
        topics: Iterable[str],
        *,
        options: Mapping[str, object] | None = None,
        verifier: Verifier | None = None,
        max_age: float = 3_600.0,
        remember: int = 10_000,
        max_body: int = MAX_BYTES,
        timeout: float = 12.0,
        allow_raw: bool = False,
        clock: Clock | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        numbers = {"max_age": max_age, "max_body": max_body, "timeout": timeout}
        for name, value in numbers.items():
            if not 0 < value < _MOST:
                raise ConfigurationError(f"{name}={value!r}: must be more than 0, and no billion")
        if remember < 0:
            raise ConfigurationError(f"remember={remember!r}: must be 0 or more")
        self._bus = bus
        self._topics = checked_topics(topics)
        self._aws = AwsCalls(read_table(SnsOptions, "sns", options or {}))
        self._verify = verifier or SignatureVerifier(now=now)
        self._max_age = timedelta(seconds=max_age)
        self._seen = Seen(remember, max_age, clock or SystemClock())
        self._turns: Turns[tuple[str, str]] = Turns()
        self._max_body = max_body
        self._timeout = timeout
        self._allow_raw = allow_raw
        self._now = now

    async def __aenter__(self) -> Self:
        """Keep connections to AWS from now on."""
        self._aws.keep()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close them."""
        await self._aws.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan: https://asgi.readthedocs.io."""
        if scope["type"] == "lifespan":
            async with self:
                await live(self._bus, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            raise UnsupportedError(f"SNS does not speak {scope['type']!r}; this takes HTTP")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = read_request(scope, self._max_body)
            with anyio.fail_after(self._timeout):
                body = await read_body(receive, self._max_body)
                if body is None:
                    return  # nobody waits for an answer
                await self._take(request, body)
        except TimeoutError:  # among them a full queue
            logger.warning("SNS push: not taken in within %g s; SNS tries again", self._timeout)
            await answer(send, 503, "not in time; try again")
        except EventRouteError as error:
            status = status_of(error)
            _log(status, error)
            await answer(send, status, str(error)[:1_000])
        else:
            await answer(send, 200, "")

    async def _take(self, request: Request, body: bytes) -> None:
        if request.raw:
            await self._take_raw(request, body)
            return
        pushed = read_pushed(body)
        if pushed.kind != request.kind:
            raise RefusedError(400, f"the head says {request.kind}, the body {pushed.kind}")
        self._check_topic(pushed.topic)
        self._check_age(pushed)
        await self._verify(pushed)
        if pushed.kind == NOTIFICATION:
            async with self._once(pushed.topic, pushed.id) as is_new:
                if is_new:
                    await self._publish(pushed.topic, await contents_of(pushed, self._aws.fetch))
        elif pushed.kind == CONFIRMATION:
            subscription = await self._aws.confirm(pushed.topic, pushed.token or "")
            logger.info("SNS push: the subscription %s is confirmed", subscription)
        else:
            logger.warning("SNS push: the topic %s does not push here any more", pushed.topic)

    async def _take_raw(self, request: Request, body: bytes) -> None:
        if not self._allow_raw:
            raise RefusedError(
                403, "a raw delivery carries no signature; turn RawMessageDelivery off"
            )
        if request.kind != NOTIFICATION:
            raise RefusedError(400, f"{request.kind} is never raw")
        if request.topic is None or request.message is None:
            raise RefusedError(400, "x-amz-sns-topic-arn or x-amz-sns-message-id is missing")
        self._check_topic(request.topic)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise RefusedError(400, "the body is not UTF-8") from None
        async with self._once(request.topic, request.message) as is_new:
            if is_new:
                contents = await contents_of_raw(request.message, text, self._aws.fetch)
                await self._publish(request.topic, contents)

    @asynccontextmanager
    async def _once(self, topic: str, message: str) -> AsyncGenerator[bool]:
        """Whether a message is to be published; copies wait until that is known of the first."""
        key = (topic, message)
        async with self._turns.of(key):
            is_new = key not in self._seen
            yield is_new
            if is_new:
                self._seen.add(key)

    async def _publish(self, topic: str, contents: Contents) -> None:
        pushed_by = contents.headers.get(TOPICS_HEADER, "").split()
        if topic in pushed_by:
            raise RefusedError(
                400, f"the event has come from {topic} before: this bus publishes to it; stop that"
            )
        headers = {**contents.headers, TOPICS_HEADER: " ".join([*pushed_by, topic])}
        if len(contents.events) == 1:
            await self._bus.publish(contents.events[0], headers=headers)
        else:
            await self._bus.publish_many(contents.events, headers=headers)

    def _check_topic(self, topic: str) -> None:
        if topic not in self._topics:
            raise RefusedError(403, f"the topic {topic[:300]!r} may not push here")

    def _check_age(self, pushed: PushedMessage) -> None:
        now = self._now()
        if pushed.time < now - self._max_age:
            raise RefusedError(
                400, f"published at {pushed.timestamp}, longer ago than {self._max_age}: a replay"
            )
        if pushed.time > now + _AHEAD:
            raise RefusedError(
                503, f"published at {pushed.timestamp}, and it is {now} here: set the clock"
            )


def _log(status: int, error: EventRouteError) -> None:
    if status == 400:
        logger.error("SNS push: refused, and lost unless its sender keeps it: %s", error)
    else:
        logger.warning("SNS push: HTTP %d: %s", status, error)
