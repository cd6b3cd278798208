"""One call of publish: what every AWS service has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import anyio

from eventroute.envelope import described
from eventroute.errors import (
    AdapterError,
    EventRouteError,
    LimitExceededError,
    NotOpenError,
    PublishTimeoutError,
)
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.batching import HELD_BACK, Batcher, Call
from eventroute_aws.waiting import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from eventroute.envelope import Event
    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims

__all__ = ["Destination", "Publishing", "Service", "when_too_large"]

PlaceT = TypeVar("PlaceT")
MessageT = TypeVar("MessageT", bound=Entry)


def when_too_large(table: str, claims: Claims | None) -> str:
    """What to do about an event that is larger than any message, for messages.

    :param table: name of the options' table.
    """
    elsewhere = "store the payload elsewhere and publish a reference to it"
    if claims is None:
        return f"Set {table}.claim_check to store large payloads in S3, or {elsewhere}"
    return elsewhere.capitalize()


class Destination(NamedTuple, Generic[PlaceT, MessageT]):
    """A topic or bus, and what sends messages there."""

    place: PlaceT
    batcher: Batcher[MessageT]


class Service(Protocol[PlaceT, MessageT]):
    """How a service takes events, and where: its places are topics or buses.

    :ivar table: name of the options' table, for messages.
    :ivar claims: where large payloads go, if anywhere.
    """

    table: str
    claims: Claims | None

    @property
    def max_event_bytes(self) -> int:
        """Largest envelope."""
        ...

    def known(self, source: str, /) -> Destination[PlaceT, MessageT] | None:
        """Where the events of a source go, if that is known without waiting for anything."""
        ...

    async def find(self, source: str, /) -> Destination[PlaceT, MessageT]:
        """Where the events of a source go.

        :raises NotOpenError: closed.
        :raises EventRouteError: nowhere.
        """
        ...

    def told(self, place: PlaceT, /) -> str:
        """A place, for messages: ``"the topic orders"``."""
        ...

    def room(self, place: PlaceT, /) -> int:
        """Most bytes of a message there."""
        ...

    def message(self, outgoing: Outgoing, place: PlaceT, claim: str | None) -> MessageT:
        """The message of an event.

        :param claim: pointer to the event, whose detail the message leaves out then.
        :raises EventRouteError: the service cannot take it.
        """
        ...


class _Started(NamedTuple, Generic[MessageT]):
    """Messages that a batcher has."""

    batcher: Batcher[MessageT]
    call: Call[MessageT]
    indices: list[int]


class Publishing(Generic[PlaceT, MessageT]):
    """One call of :meth:`eventroute.port.Adapter.publish`."""

    def __init__(self, service: Service[PlaceT, MessageT], outgoing: Sequence[Outgoing]) -> None:
        self._service = service
        self._outgoing = outgoing
        self._limit = service.max_event_bytes
        self._destinations: dict[str, Destination[PlaceT, MessageT]] = {}
        self._messages: list[MessageT | None] = [None] * len(outgoing)
        self._outcomes: list[EventRouteError | None] = [None] * len(outgoing)

    async def run(self, timeout: float) -> Sequence[EventRouteError | None]:
        """Publish; an outcome for each event, in their order.

        :param timeout: seconds.
        :raises NotOpenError: closed.
        """
        deadline = anyio.current_time() + timeout
        if not await self._prepare(deadline):
            late = PublishTimeoutError(
                f"topic or claim check did not answer within {timeout:g} s; the event was not sent"
            )
            return [outcome or late for outcome in self._outcomes]
        calls: list[_Started[MessageT]] = []
        try:
            self._start(calls, timeout, deadline)
            for started in calls:
                await started.call.wait()
        finally:
            for started in calls:
                started.batcher.give_up(started.call)
        for started in calls:
            for index, outcome in zip(started.indices, started.call.outcomes, strict=True):
                self._outcomes[index] = outcome
        return self._outcomes

    def _start(self, calls: list[_Started[MessageT]], timeout: float, deadline: float) -> None:
        """Hand the messages over, those of each batcher together."""
        together: dict[Batcher[MessageT], tuple[list[int], list[MessageT]]] = {}
        for index, message in enumerate(self._messages):
            if message is not None and self._outcomes[index] is None:
                batcher = self._destinations[self._outgoing[index].event.source].batcher
                indices, messages = together.setdefault(batcher, ([], []))
                indices.append(index)
                messages.append(message)
        for batcher, (indices, messages) in together.items():
            try:
                call = batcher.start(messages, timeout, deadline)
            except NotOpenError as error:
                for index in indices:
                    self._outcomes[index] = error
            else:
                calls.append(_Started(batcher, call, indices))

    async def check(self) -> Sequence[EventRouteError | None]:
        """What :meth:`run` would refuse without asking the service; publishes nothing."""
        await self._find(self._unknown())
        large = self._compose_all()
        if self._service.claims is None:
            self._refuse(large)
        return self._outcomes

    async def _prepare(self, deadline: float) -> bool:
        """Make every message that can be sent; the others get their outcome.

        A time limit costs as much as making a message, so there is none where nothing waits.

        :returns: whether there was time enough.
        """
        unknown = self._unknown()
        if unknown and not await _in_time(deadline, self._find(unknown)):
            return False
        large = self._compose_all()
        return not large or await _in_time(deadline, self._prepare_large(large))

    def _unknown(self) -> set[str]:
        """The sources of which somebody must be asked where their events go."""
        unknown: set[str] = set()
        for outgoing in self._outgoing:
            source = outgoing.event.source
            if source not in self._destinations and source not in unknown:
                destination = self._service.known(source)
                if destination is None:
                    unknown.add(source)
                else:
                    self._destinations[source] = destination
        return unknown

    async def _find(self, sources: set[str]) -> None:
        refusals: dict[str, EventRouteError] = {}
        for source in sources:
            try:
                self._destinations[source] = await self._service.find(source)
            except NotOpenError:
                raise
            except EventRouteError as error:
                refusals[source] = error
        if refusals:
            sources_of = (one.event.source for one in self._outgoing)
            self._outcomes = [refusals.get(source) for source in sources_of]

    def _compose_all(self) -> list[int]:
        """Make the messages that do without the claim check; return which are too large."""
        return [
            index
            for index, outcome in enumerate(self._outcomes)
            if outcome is None and self._compose(index)
        ]

    def _compose(self, index: int, claim: str | None = None) -> bool:
        """Make a message, and say whether it is too large to be sent."""
        outgoing = self._outgoing[index]
        place = self._destinations[outgoing.event.source].place
        try:
            size = len(outgoing.event.to_json())
            if size > self._limit:
                raise LimitExceededError(
                    f"{described(outgoing.event)} has {size:,} bytes; this backend takes "
                    f"{self._limit:,}. {when_too_large(self._service.table, self._service.claims)}"
                )
            message = self._service.message(outgoing, place, claim)
        except EventRouteError as error:
            self._outcomes[index] = error
            return False
        self._messages[index] = message
        return message.size > self._service.room(place)

    async def _prepare_large(self, indices: list[int]) -> None:
        claims = self._service.claims
        if claims is None:
            self._refuse(indices)
            return
        async with anyio.create_task_group() as group:
            for index in indices:
                group.start_soon(self._check_in, claims, index)
        self._hold_back()

    async def _check_in(self, claims: Claims, index: int) -> None:
        event = self._outgoing[index].event
        try:
            pointer = await claims.put(event)
        except EventRouteError as error:
            self._outcomes[index] = error
            return
        if self._compose(index, pointer):
            self._outcomes[index] = self._too_large(index)

    def _hold_back(self) -> None:
        """What follows an event that waits for the next call must wait for it as well."""
        failed: dict[tuple[str, str], EventRouteError] = {}
        for index, message in enumerate(self._messages):
            if message is None or message.key is None:
                continue
            group = (self._outgoing[index].event.source, message.key)
            outcome = self._outcomes[index]
            if isinstance(outcome, AdapterError):
                failed.setdefault(group, outcome)
            elif outcome is None and group in failed:
                self._outcomes[index] = AdapterError(f"{HELD_BACK}: {failed[group]}")

    def _refuse(self, indices: list[int]) -> None:
        for index in indices:
            self._outcomes[index] = self._too_large(index)

    def _too_large(self, index: int) -> EventRouteError:
        event: Event = self._outgoing[index].event
        place = self._destinations[event.source].place
        message = self._messages[index]
        size = len(event.to_json()) if message is None else message.size
        if self._service.claims is None:
            remedy = when_too_large(self._service.table, None)
        else:
            remedy = f"Only its detail goes to S3, up to {MAX_BYTES:,} bytes; shorten the rest"
        return LimitExceededError(
            f"{described(event)} makes a message of {size:,} bytes, with what travels beside it; "
            f"{self._service.told(place)} takes {self._service.room(place):,}. {remedy}"
        )


async def _in_time(deadline: float, work: Awaitable[None]) -> bool:
    """Wait for something until a deadline, and say whether it was done then."""
    with anyio.CancelScope(deadline=deadline):
        await work
        return True
    return False
