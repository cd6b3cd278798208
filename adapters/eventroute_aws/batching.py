"""Entries of many callers travel in few requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeAlias

import anyio

from eventroute.errors import (
    AdapterError,
    EventRouteError,
    NotOpenError,
    OutcomeUnknownError,
    PublishTimeoutError,
)
from eventroute_aws.deadlines import Deadlines
from eventroute_aws.waiting import EntryT, State, Ticket, Waiting

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

__all__ = ["HELD_BACK", "Batcher", "Call", "Send"]

Send: TypeAlias = Callable[[Sequence[EntryT]], Awaitable[Sequence[EventRouteError | None]]]
"""Makes one request; one outcome each. What it raises is the outcome of all."""

HELD_BACK: Final = "an earlier event with the same ordering key was not published"


class Call(Generic[EntryT]):
    """Somebody who waits for the outcomes of some entries.

    :ivar outcomes: one each, in their order; valid after :meth:`wait`.
    :ivar timeout: seconds that it waits, for messages.
    """

    __slots__ = ("_done", "_left", "outcomes", "tickets", "timeout")

    def __init__(self, entries: Sequence[EntryT], due: float, timeout: float) -> None:
        self.outcomes: list[EventRouteError | None] = [None] * len(entries)
        self.tickets = [Ticket(self, index, entry, due) for index, entry in enumerate(entries)]
        self.timeout = timeout
        self._left = len(entries)
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_answered(self) -> bool:
        """Whether all outcomes are there."""
        return not self._left

    async def wait(self) -> None:
        """Return when all outcomes are there."""
        if self._left:
            await self._done

    def answer(self, index: int, outcome: EventRouteError | None) -> None:
        """Take the outcome of an entry."""
        self.outcomes[index] = outcome
        self._left -= 1
        if not (self._left or self._done.done()):  # done: who waited was cancelled
            self._done.set_result(None)


class Batcher(Generic[EntryT]):
    """Gathers entries until a request is full or the first of them has waited for ``linger``.

    Callers wait on futures of asyncio, on which aiobotocore runs as well: with an event and a time
    limit of anyio, the waiting cost half as much again.

    Entries are sent in the order in which they came, but for those that wait for another one of
    their key: at most one entry of a key is under way at any time. All in one event loop.

    :param group: runs the requests. It must live until :meth:`close` has returned.
    :param max_entries: most entries of a request.
    :param max_bytes: most bytes of a request. An entry that is larger travels alone.
    :param linger: seconds; with 0 only those share a request that come in the same turn of the
        event loop, or while ``max_calls`` requests are under way.
    :param max_calls: most requests at once.
    """

    def __init__(
        self,
        group: TaskGroup,
        send: Send[EntryT],
        *,
        max_entries: int,
        max_bytes: int,
        linger: float,
        max_calls: int,
    ) -> None:
        self._group = group
        self._send = send
        self._linger = linger
        self._max_calls = max_calls
        self._waiting: Waiting[EntryT] = Waiting(max_entries, max_bytes)
        self._calls = 0
        self._lingers = False
        self._lingering = anyio.CancelScope()
        self._deadlines: Deadlines[Call[EntryT]] = Deadlines(self.give_up)
        self._closing = False
        self._idle = anyio.Event()
        # Deadlines end calls outside of any task, where anyio finds no event loop.
        self._now = asyncio.get_running_loop().time

    async def submit(
        self, entries: Sequence[EntryT], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """Send entries; one outcome each, in their order.

        Where one of them fails with an `AdapterError`, those behind it with the same key are not
        sent, and their outcome is such an error, too. A cancelled call withdraws what has not been
        sent; what is under way goes on.

        :param timeout: seconds, after which the outcome of what has not been sent is a
            `PublishTimeoutError`, and of what is under way an `OutcomeUnknownError`.
        :raises NotOpenError: the batcher was closed.
        """
        call = self.start(entries, timeout, self._now() + timeout)
        try:
            await call.wait()
        finally:
            self.give_up(call)
        return call.outcomes

    def start(self, entries: Sequence[EntryT], timeout: float, deadline: float) -> Call[EntryT]:
        """The first half of :meth:`submit`, for those who had something else to wait for before.

        However the waiting ends, :meth:`give_up` must follow.

        :param timeout: as above.
        :param deadline: when that is over, by the clock of the event loop.
        """
        if self._closing:
            raise NotOpenError("the AWS backend was closed; nothing can be published any more")
        call = Call(entries, self._now() + self._linger, timeout)
        for ticket in call.tickets:
            self._waiting.add(ticket)
        if not call.is_answered:
            self._deadlines.add(call, deadline)
        if self._waiting.is_full:
            self._pump()
        elif self._waiting.entries:
            self._start_to_linger()
        return call

    def give_up(self, call: Call[EntryT]) -> None:
        """The second half: withdraw what was not sent; of what was, nobody will hear any more."""
        self._deadlines.remove(call)
        if not call.is_answered:
            self._withdraw(call)
        call.tickets.clear()  # they refer to the call, and only the garbage collector would see

    def _withdraw(self, call: Call[EntryT]) -> None:
        unsent = f"the event could not be sent within {call.timeout:g} s"
        unanswered = f"AWS did not answer within {call.timeout:g} s"
        # From the last, lest one takes the place of another only to be withdrawn as well.
        for ticket in reversed(call.tickets):
            if ticket.state is not State.ANSWERED:
                sent = ticket.state is State.SENT
                late = OutcomeUnknownError(unanswered) if sent else PublishTimeoutError(unsent)
                self._waiting.withdraw(ticket)
                call.answer(ticket.index, late)
        self._pump()

    async def close(self) -> None:
        """Send what waits at once, and return when everything is answered. Idempotent."""
        self._closing = True
        self._lingering.cancel()
        self._pump()
        await self._idle.wait()
        self._deadlines.close()

    def _pump(self) -> None:
        """Start the requests that are full, or whose time has come."""
        waiting = self._waiting
        while waiting.entries and self._calls < self._max_calls:
            due = self._closing or waiting.first().due <= self._now()
            if not (due or waiting.is_full):
                self._start_to_linger()
                break
            self._calls += 1
            self._group.start_soon(self._request, waiting.take())
        if self._closing and not (self._calls or self._lingers or waiting.entries):
            self._idle.set()

    def _start_to_linger(self) -> None:
        if not self._lingers and self._calls < self._max_calls:
            self._lingers = True
            self._group.start_soon(self._wait_for_more)

    async def _wait_for_more(self) -> None:
        try:
            if self._waiting.entries and self._linger and not self._closing:
                due = self._waiting.first().due
                with anyio.CancelScope(deadline=due) as self._lingering:
                    await anyio.sleep_forever()
        finally:
            self._lingers = False
            self._pump()

    async def _request(self, tickets: list[Ticket[EntryT]]) -> None:
        lost = OutcomeUnknownError("the request was given up before it was answered")
        outcomes: Sequence[EventRouteError | None] = [lost] * len(tickets)
        try:
            outcomes = await self._outcomes([ticket.entry for ticket in tickets])
        finally:
            self._calls -= 1
            for ticket, outcome in zip(tickets, outcomes, strict=True):
                self._answer(ticket, outcome)
            self._pump()

    async def _outcomes(self, entries: list[EntryT]) -> Sequence[EventRouteError | None]:
        error: EventRouteError
        try:
            outcomes = await self._send(entries)
        except EventRouteError as raised:
            error = raised
        except Exception as raised:  # it must not end the group, and all other requests with it
            error = OutcomeUnknownError(f"the request failed: {type(raised).__name__}: {raised}")
        else:
            if len(outcomes) == len(entries):
                return outcomes
            error = OutcomeUnknownError(f"{len(outcomes)} outcomes for {len(entries)} entries")
        return [error] * len(entries)

    def _answer(self, ticket: Ticket[EntryT], outcome: EventRouteError | None) -> None:
        self._tell(ticket, outcome)
        if isinstance(outcome, AdapterError):
            for follower in self._waiting.behind(ticket):
                self._tell(follower, AdapterError(f"{HELD_BACK}: {outcome}"))
        self._waiting.free(ticket)

    @staticmethod
    def _tell(ticket: Ticket[EntryT], outcome: EventRouteError | None) -> None:
        if ticket.state is not State.GIVEN_UP:
            ticket.state = State.ANSWERED
            ticket.call.answer(ticket.index, outcome)
