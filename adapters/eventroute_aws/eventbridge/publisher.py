"""Publishes events to an event bus, many in one request."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from eventroute.errors import EventError, EventRouteError, OutcomeUnknownError, UnsupportedError
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.batchers import Batchers, request
from eventroute_aws.eventbridge.message import Message, compose_message
from eventroute_aws.failures import outcome_of_entry
from eventroute_aws.publishing import Destination, Publishing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_events.type_defs import PutEventsResultEntryTypeDef

    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["Publisher"]

_RESERVED: Final = 2_048
"""Bytes of an event that are left to headers, and to what brings its text back."""

_OF_THE_EVENT: Final = frozenset({"InvalidArgument", "MalformedDetail"})
_FINAL: Final = frozenset({"InvalidAccountIdException", "RedactionFailure"})


class Publisher:
    """The publishing half of the adapter."""

    def __init__(
        self, clients: Clients, options: EventBridgeOptions, claims: Claims | None
    ) -> None:
        self._clients = clients
        self._options = options
        self._claims = claims
        self._bus: _Bus | None = None

    @property
    def max_event_bytes(self) -> int:
        """Largest envelope that is published.

        Without the claim check it is what fits into a request beside headers of the usual size,
        if eventroute has written the event. One whose text must travel as a copy, because its
        values do not bring it back, may have half as many; that is found out for each event.
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
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    def _opened(self) -> _Bus:
        if self._bus is None:
            self._bus = _Bus(self._clients, self._options, self._claims)
        return self._bus


def _max_event_bytes(options: EventBridgeOptions, claims: Claims | None) -> int:
    if claims is not None:
        return MAX_BYTES
    return options.max_request_bytes - _RESERVED


class _Bus:
    """EventBridge, as :class:`~eventroute_aws.publishing.Publishing` sees it: one place for all."""

    def __init__(
        self,
        clients: Clients,
        options: EventBridgeOptions,
        claims: Claims | None,
    ) -> None:
        self._clients = clients
        self.table = options.shared_table
        self._bus = options.bus
        self._room = options.max_request_bytes
        self.claims = claims
        self.max_event_bytes = _max_event_bytes(options, claims)
        self._batchers: Batchers[Message] = Batchers(options)

    def known(self, _source: str) -> Destination[str, Message] | None:
        """The bus, after the first time."""
        batcher = self._batchers.known(self._bus)
        return None if batcher is None else Destination(self._bus, batcher)

    async def find(self, _source: str) -> Destination[str, Message]:
        """The bus."""
        batcher = await self._batchers.to(self._bus, self._send, self._room)
        return Destination(self._bus, batcher)

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        await self._batchers.close()

    def told(self, place: str) -> str:
        """For messages."""
        return f"a request to the bus {place}"

    def room(self, _place: str) -> int:
        """What a request may have."""
        return self._room

    def message(self, outgoing: Outgoing, place: str, claim: str | None) -> Message:
        """An entry of PutEvents."""
        if outgoing.delay:
            raise UnsupportedError(
                f"EventBridge delays no event, and this one asks for {outgoing.delay:g} s; keep "
                "it until then"
            )
        return compose_message(outgoing.event, outgoing.headers, place, claim)

    async def _send(self, messages: Sequence[Message]) -> Sequence[EventRouteError | None]:
        client = await self._clients.publishing_to_buses()
        doing = f"publishing to the event bus {self._bus}"
        # One entry that EventBridge cannot read lets it refuse the call.
        return await request(messages, partial(_put, client, doing), doing)


async def _put(
    client: EventBridgeClient, doing: str, messages: Sequence[Message]
) -> Sequence[EventRouteError | None]:
    answer = await client.put_events(Entries=[message.entry for message in messages])
    results = answer.get("Entries", ())
    lost = OutcomeUnknownError(f"{doing}: the answer says nothing of this event")
    outcomes = [_outcome(result, doing, lost) for result in results[: len(messages)]]
    return [*outcomes, *([lost] * (len(messages) - len(outcomes)))]


def _outcome(
    result: PutEventsResultEntryTypeDef, doing: str, lost: EventRouteError
) -> EventRouteError | None:
    code = result.get("ErrorCode")
    if not code:
        return None if result.get("EventId") else lost
    said = result.get("ErrorMessage", "")
    if code in _OF_THE_EVENT:
        return EventError(f"{doing}: EventBridge refused it ({code}: {said})")
    return outcome_of_entry(code, said, sender_fault=code in _FINAL, doing=doing)
