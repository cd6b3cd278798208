"""Publishes events to topics, many in one request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedError
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.publishing import Destination, Publishing
from eventroute_aws.sns.departures import Departures
from eventroute_aws.sns.message import Composer, Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.errors import EventRouteError
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
        return await Publishing(self._topics(), messages).run(timeout)

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        """What :meth:`publish` would refuse, if they were not delayed. Publishes nothing."""
        at_once = [replace(one, delay=0.0) for one in messages]
        return await Publishing(self._topics(), at_once).check()

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        departures, self._departures = self._departures, None
        if departures is not None:
            await departures.close()

    def _topics(self) -> _Topics:
        if self._departures is None:
            self._departures = Departures(self._clients, self._options)
        return _Topics(self._options, self._topic, self._composer, self._claims, self._departures)


def _max_event_bytes(options: SnsOptions, claims: Claims | None) -> int:
    if claims is not None:
        return MAX_BYTES
    return _MESSAGE_BYTES - _RESERVED - _RESERVED_FOR_EACH * len(options.attributes)


class _Topics:
    """SNS, as :class:`~eventroute_aws.publishing.Publishing` sees it."""

    def __init__(
        self,
        options: SnsOptions,
        topic: Callable[[str], Awaitable[Topic]],
        composer: Composer,
        claims: Claims | None,
        departures: Departures,
    ) -> None:
        self.table = options.shared_table
        self._topic = topic
        self._composer = composer
        self.claims = claims
        self.max_event_bytes = _max_event_bytes(options, claims)
        self._departures = departures

    def known(self, _source: str) -> None:
        """Nothing: topics may change while the backend is open."""

    async def find(self, source: str) -> Destination[Topic, Message]:
        """Its topic."""
        topic = await self._topic(source)
        return Destination(topic, await self._departures.to(topic))

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
