"""Publishes events to topics, many in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from eventroute.envelope import described
from eventroute.errors import (
    AdapterError,
    EventRouteError,
    LimitExceededError,
    NotOpenError,
    PublishTimeoutError,
    UnsupportedError,
)
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.batching import HELD_BACK, Batcher, Call
from eventroute_aws.sns.departures import Departures
from eventroute_aws.sns.message import Composer, Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions

__all__ = ["Publisher"]

_MESSAGE_BYTES: Final = 262_144
"""What every topic takes, if nobody has lowered its ``MaximumMessageSize``."""

_RESERVED: Final = 2_048
"""Bytes of a message that are left to ``source``, ``detail-type`` and headers."""

_REMEDY: Final = (
    "Set sns.claim_check to store large payloads in S3, or publish a reference to the payload"
)
_REMEDY_OVER_ALL: Final = "Store the payload elsewhere and publish a reference to it"

_RESERVED_FOR_EACH: Final = 512
"""Bytes that are left to each attribute of ``sns.attributes``."""


class Publisher:
    """The publishing half of the adapter.

    :param topic: finds the topic of a source.
    :raises ConfigurationError: ``sns.attributes`` names what SNS refuses.
    """

    def __init__(
        self,
        clients: Clients,
        options: SnsOptions,
        topic: Callable[[str], Awaitable[Topic]],
        claims: Claims | None,
    ) -> None:
        self._clients = clients
        self._options = options
        self._topic = topic
        self._claims = claims
        self._composer = Composer(options)
        self._departures: Departures | None = None

    @property
    def when_too_large(self) -> str:
        """What to do about an event that is larger than `max_event_bytes`."""
        return _REMEDY if self._claims is None else _REMEDY_OVER_ALL

    @property
    def max_event_bytes(self) -> int:
        """Largest envelope that is published.

        Without the claim check it is what fits into a message on every topic beside attributes of
        the usual size. What is really too large, attributes included, is found out for each event
        and its topic; a topic with a larger ``MaximumMessageSize`` leaves more room to attributes,
        and with the claim check to payloads that need not go to S3.
        """
        if self._claims is not None:
            return MAX_BYTES
        return _MESSAGE_BYTES - _RESERVED - _RESERVED_FOR_EACH * len(self._options.attributes)

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        if self._departures is None:
            self._departures = Departures(self._clients, self._options)
        publishing = _Publishing(
            self._topic, self._composer, self._claims, messages, self.max_event_bytes
        )
        return await publishing.run(self._departures, timeout)

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        departures, self._departures = self._departures, None
        if departures is not None:
            await departures.close()


class _Started(NamedTuple):
    """Messages that a batcher has."""

    batcher: Batcher[Message]
    call: Call[Message]
    places: list[int]


class _Publishing:
    """One call of :meth:`Publisher.publish`."""

    def __init__(
        self,
        topic: Callable[[str], Awaitable[Topic]],
        composer: Composer,
        claims: Claims | None,
        messages: Sequence[Outgoing],
        limit: int,
    ) -> None:
        self._topic = topic
        self._composer = composer
        self._claims = claims
        self._outgoing = messages
        self._limit = limit
        self._topics: dict[str, Topic] = {}
        self._messages: list[Message | None] = [None] * len(messages)
        self._outcomes: list[EventRouteError | None] = [None] * len(messages)

    async def run(self, departures: Departures, timeout: float) -> Sequence[EventRouteError | None]:
        calls: list[_Started] = []
        ready = False
        try:
            with anyio.move_on_after(timeout):
                await self._prepare()
                await self._start(departures, calls)
                ready = True
                for started in calls:
                    await started.call.wait()
        finally:
            for started in calls:
                started.batcher.give_up(started.call, timeout)
        if not ready:
            late = PublishTimeoutError(
                f"topic or claim check did not answer within {timeout:g} s; the event was not sent"
            )
            return [outcome or late for outcome in self._outcomes]
        for started in calls:
            for place, outcome in zip(started.places, started.call.outcomes, strict=True):
                self._outcomes[place] = outcome
        return self._outcomes

    async def _start(self, departures: Departures, calls: list[_Started]) -> None:
        """Hand the messages over, those of each topic together."""
        by_topic: dict[str, tuple[Topic, list[int], list[Message]]] = {}
        for place, message in enumerate(self._messages):
            if message is not None and self._outcomes[place] is None:
                topic = self._topics[self._outgoing[place].event.source]
                _, places, messages = by_topic.setdefault(topic.arn, (topic, [], []))
                places.append(place)
                messages.append(message)
        # First all that waits, so that a time limit finds all of them started or none.
        batchers = [await departures.to(topic) for topic, _, _ in by_topic.values()]
        for batcher, (_, places, messages) in zip(batchers, by_topic.values(), strict=True):
            try:
                calls.append(_Started(batcher, batcher.start(messages), places))
            except NotOpenError as error:
                for place in places:
                    self._outcomes[place] = error

    async def _prepare(self) -> None:
        """Make every message that can be sent; the others get their outcome."""
        refusals: dict[str, EventRouteError] = {}
        large: list[int] = []
        for place, outgoing in enumerate(self._outgoing):
            source = outgoing.event.source
            if source not in self._topics and source not in refusals:
                try:
                    self._topics[source] = await self._topic(source)
                except EventRouteError as error:
                    refusals[source] = error
            if source in refusals:
                self._outcomes[place] = refusals[source]
                continue
            self._compose(place)
            message = self._messages[place]
            if message is not None and message.size > self._topics[source].max_bytes:
                large.append(place)
        if large:
            await self._prepare_large(large)

    def _compose(self, place: int, claim: str | None = None) -> None:
        outgoing = self._outgoing[place]
        topic = self._topics[outgoing.event.source]
        try:
            size = len(outgoing.event.to_json())
            if size > self._limit:
                raise LimitExceededError(
                    f"{described(outgoing.event)} has {size:,} bytes; this backend takes "
                    f"{self._limit:,}. {_REMEDY}"
                )
            if outgoing.delay:
                raise UnsupportedError(
                    f"SNS delays no event, and this one asks for {outgoing.delay:g} s; keep it "
                    "until then"
                )
            self._messages[place] = self._composer.message(
                outgoing.event, outgoing.headers, topic, claim
            )
        except EventRouteError as error:
            self._outcomes[place] = error

    async def _prepare_large(self, places: list[int]) -> None:
        if self._claims is None:
            for place in places:
                self._outcomes[place] = self._too_large(place)
            return
        async with anyio.create_task_group() as group:
            for place in places:
                group.start_soon(self._check_in, self._claims, place)
        self._hold_back()

    async def _check_in(self, claims: Claims, place: int) -> None:
        event = self._outgoing[place].event
        try:
            pointer = await claims.put(event)
        except EventRouteError as error:
            self._outcomes[place] = error
            return
        self._compose(place, pointer)
        message = self._messages[place]
        if message is not None and message.size > self._topics[event.source].max_bytes:
            self._outcomes[place] = self._too_large(place)

    def _hold_back(self) -> None:
        """What follows an event that waits for the next call must wait for it as well."""
        failed: dict[tuple[str, str], EventRouteError] = {}
        for place, message in enumerate(self._messages):
            if message is None or message.key is None:
                continue
            group = (self._outgoing[place].event.source, message.key)
            outcome = self._outcomes[place]
            if isinstance(outcome, AdapterError):
                failed.setdefault(group, outcome)
            elif outcome is None and group in failed:
                self._outcomes[place] = AdapterError(f"{HELD_BACK}: {failed[group]}")

    def _too_large(self, place: int) -> EventRouteError:
        event = self._outgoing[place].event
        topic = self._topics[event.source]
        message = self._messages[place]
        size = len(event.to_json()) if message is None else message.size
        if self._claims is None:
            remedy = _REMEDY
        else:
            remedy = f"Only its detail goes to S3, up to {MAX_BYTES:,} bytes; shorten the rest"
        return LimitExceededError(
            f"{described(event)} makes a message of {size:,} bytes, attributes included; the "
            f"topic {topic.arn} takes {topic.max_bytes:,}. {remedy}"
        )
