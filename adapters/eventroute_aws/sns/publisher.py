"""Publishes events to topics, many in one request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from eventroute.errors import UnsupportedError
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.publishing import Destination, Publishing
from eventroute_aws.sns.departures import Departures
from eventroute_aws.sns.message import Composer, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions

__all__ = ["Publisher", "Topics"]

_MESSAGE_BYTES: Final = 262_144
"""What every topic takes, if nobody has lowered its ``MaximumMessageSize``."""

_RESERVED: Final = 2_048
"""Bytes of a message that are left to ``source``, ``detail-type`` and headers."""

_RESERVED_FOR_EACH: Final = 512
"""Bytes that are left to each attribute of ``sns.attributes``."""


class Topics(Protocol):
    """Knows where events are published to."""

    def known_topic(self, source: str, /) -> Topic | None:
        """The topic of a source, if nobody has to be asked for it."""
        ...

    async def topic(self, source: str, /) -> Topic:
        """The topic of a source.

        :raises EventRouteError: there is none.
        """
        ...


class Publisher:
    """The publishing half of the adapter.

    :raises ConfigurationError: ``sns.attributes`` names what SNS refuses.
    """

    def __init__(
        self,
        clients: Clients,
        options: SnsOptions,
        topics: Topics,
        claims: Claims | None,
    ) -> None:
        self._clients = clients
        self._options = options
        self._topics = topics
        self._claims = claims
        self._composer = Composer(options)
        self._sns: _Sns | None = None

    @property
    def max_event_bytes(self) -> int:
        """Largest envelope that is published.

        Without the claim check it is what fits into a message on every topic beside attributes of
        the usual size. What is really too large, attributes included, is found out for each event
        and its topic; a topic with a larger ``MaximumMessageSize`` leaves more room to attributes,
        and with the claim check to payloads that need not go to S3.
        """
        return _max_event_bytes(self._options, self._claims)

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await Publishing(self._opened(), messages).run(timeout)

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        """What :meth:`publish` would refuse, if they were not delayed. Publishes nothing."""
        at_once = [replace(one, delay=0.0) for one in messages]
        return await Publishing(self._opened(), at_once).check()

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        sns, self._sns = self._sns, None
        if sns is not None:
            await sns.departures.close()

    def _opened(self) -> _Sns:
        if self._sns is None:
            departures = Departures(self._clients, self._options)
            self._sns = _Sns(self._options, self._topics, self._composer, self._claims, departures)
        return self._sns


def _max_event_bytes(options: SnsOptions, claims: Claims | None) -> int:
    if claims is not None:
        return MAX_BYTES
    return _MESSAGE_BYTES - _RESERVED - _RESERVED_FOR_EACH * len(options.attributes)


class _Sns:
    """SNS, as :class:`~eventroute_aws.publishing.Publishing` sees it."""

    def __init__(
        self,
        options: SnsOptions,
        topics: Topics,
        composer: Composer,
        claims: Claims | None,
        departures: Departures,
    ) -> None:
        self.table = options.shared_table
        self._topics = topics
        self._composer = composer
        self.claims = claims
        self.max_event_bytes = _max_event_bytes(options, claims)
        self.departures = departures

    def known(self, source: str) -> Destination[Topic, Message] | None:
        """Its topic, after the first time."""
        topic = self._topics.known_topic(source)
        batcher = None if topic is None else self.departures.known(topic)
        return None if topic is None or batcher is None else Destination(topic, batcher)

    async def find(self, source: str) -> Destination[Topic, Message]:
        """Its topic."""
        topic = await self._topics.topic(source)
        return Destination(topic, await self.departures.to(topic))

    def told(self, place: Topic) -> str:
        """For messages."""
        return f"the topic {place.arn}"

    def room(self, place: Topic) -> int:
        """What the topic takes."""
        return place.max_bytes

    def message(self, outgoing: Outgoing, place: Topic, claim: str | None) -> Message:
        """An entry of ``PublishBatch``."""
        if outgoing.delay:
            raise UnsupportedError(
                f"SNS delays no event, and this one asks for {outgoing.delay:g} s; keep it until "
                "then"
            )
        return self._composer.message(outgoing.event, outgoing.headers, place, claim)
