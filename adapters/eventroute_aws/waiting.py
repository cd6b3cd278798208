"""Entries that wait for a request: in their order, and one of a key at a time."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.errors import EventRouteError

__all__ = ["Caller", "Entry", "EntryT", "State", "Ticket", "Waiting"]


class Entry(Protocol):
    """What a request is made of."""

    @property
    def size(self) -> int:
        """Bytes that it takes of a request's limit."""
        ...

    @property
    def key(self) -> str | None:
        """Entries of one key are sent one after the other; ``None`` is no key."""
        ...


EntryT = TypeVar("EntryT", bound=Entry)


class Caller(Protocol):
    """Who waits for the outcomes of some entries."""

    def answer(self, index: int, outcome: EventRouteError | None) -> None:
        """Take the outcome of one of them."""
        ...


class State(Enum):
    """How far an entry has come."""

    BEHIND = auto()
    """Another one of its key has not been answered yet."""
    READY = auto()
    SENT = auto()
    ANSWERED = auto()
    GIVEN_UP = auto()
    """Nobody wants to hear of it any more."""


class Ticket(Generic[EntryT]):
    """An entry on its way.

    :ivar index: its place among those of its caller.
    :ivar due: when it is to be sent at the latest.
    """

    __slots__ = ("call", "due", "entry", "index", "state")

    def __init__(self, call: Caller, index: int, entry: EntryT, due: float) -> None:
        self.call = call
        self.index = index
        self.entry = entry
        self.due = due
        self.state = State.BEHIND


class Waiting(Generic[EntryT]):
    """What has not been sent. Of a key, at most one entry is ready or sent at any time.

    :param max_entries: most entries of a request.
    :param max_bytes: most bytes of a request. An entry that is larger travels alone.
    :ivar entries: how many are ready.
    """

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._ready: deque[Ticket[EntryT]] = deque()
        self._behind: dict[str, deque[Ticket[EntryT]]] = {}
        self._bytes = 0
        self.entries = 0

    @property
    def is_full(self) -> bool:
        """Whether those that are ready fill a request."""
        return self.entries >= self._max_entries or self._bytes >= self._max_bytes

    def add(self, ticket: Ticket[EntryT]) -> None:
        """Take an entry, as the last one."""
        key = ticket.entry.key
        if key is not None:
            line = self._behind.get(key)
            if line is not None:
                line.append(ticket)
                return
            self._behind[key] = deque()
        self._ready.append(ticket)
        self._count(ticket)

    def first(self) -> Ticket[EntryT]:
        """The one that goes next; there must be one."""
        while self._ready[0].state is State.GIVEN_UP:
            self._ready.popleft()
        return self._ready[0]

    def take(self) -> list[Ticket[EntryT]]:
        """The first entries that one request can hold: one at least, if any is ready."""
        taken: list[Ticket[EntryT]] = []
        room = self._max_bytes
        while self.entries and len(taken) < self._max_entries:
            ticket = self.first()
            if taken and ticket.entry.size > room:
                break
            self._ready.popleft()
            self._discount(ticket, State.SENT)
            room -= ticket.entry.size
            taken.append(ticket)
        return taken

    def withdraw(self, ticket: Ticket[EntryT]) -> None:
        """Forget an entry that has not been answered."""
        if ticket.state is State.READY:
            self._discount(ticket, State.GIVEN_UP)
            self.free(ticket)
            # Nobody may ask for the first one for long, while every request under way hangs.
            while self._ready and self._ready[0].state is State.GIVEN_UP:
                self._ready.popleft()
            while self._ready and self._ready[-1].state is State.GIVEN_UP:
                self._ready.pop()
        ticket.state = State.GIVEN_UP

    def behind(self, ticket: Ticket[EntryT]) -> Iterator[Ticket[EntryT]]:
        """Those that wait for this one and belong to the same call."""
        key = ticket.entry.key
        if key is not None:
            for follower in self._behind[key]:
                if follower.call is ticket.call and follower.state is State.BEHIND:
                    yield follower

    def free(self, ticket: Ticket[EntryT]) -> None:
        """Let the next entry of its key take its place."""
        key = ticket.entry.key
        if key is None:
            return
        line = self._behind[key]
        while line:
            follower = line.popleft()
            if follower.state is State.BEHIND:
                # It has waited for longer than those that are ready.
                self._ready.appendleft(follower)
                self._count(follower)
                return
        del self._behind[key]

    def _count(self, ticket: Ticket[EntryT]) -> None:
        ticket.state = State.READY
        self.entries += 1
        self._bytes += ticket.entry.size

    def _discount(self, ticket: Ticket[EntryT], state: State) -> None:
        ticket.state = state
        self.entries -= 1
        self._bytes -= ticket.entry.size
