"""One subscription's queue as a data structure: no I/O, and time is what the caller says."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from eventroute.port import QueueDepth
from eventroute_memory.dead import DeadLetters

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.envelope import Event
    from eventroute.pattern import Pattern
    from eventroute.port import Headers

__all__ = ["Lease", "Message", "Queue"]


class Message(msgspec.Struct, eq=False):
    """An event in the queue.

    :ivar key: ordering key; ``None`` where the order is open.
    :ivar published: when it was, by the adapter's clock.
    :ivar event: what reading the body gives; ``None`` where it was not read.
    :ivar matched: the pattern for which the event is here; ``None`` where it was not evaluated.
    :ivar attempts: attempts that were begun.
    :ivar place: grows with each message that takes its place in the queue.
    """

    body: bytes
    key: str | None
    headers: Headers
    published: float
    event: Event | None = None
    matched: Pattern | None = None
    attempts: int = 0
    place: int = 0


class Lease(msgspec.Struct, eq=False):
    """A message that somebody works on, until ``ends``."""

    message: Message
    ends: float


@dataclass(slots=True)
class Queue:
    """First in, first out; per ordering key strictly, one at a time.

    Messages with a key wait in the lane of that key. Only the first one of a lane is ready,
    delayed or leased; the next follows when that one has left the queue.

    :ivar size: messages that are neither done with nor dead.
    """

    subscription: str
    _ready: deque[Message] = field(default_factory=deque)
    _scheduled: list[tuple[float, int, Message]] = field(default_factory=list)
    _delayed: list[tuple[float, int, Message]] = field(default_factory=list)
    _leases: dict[int, Lease] = field(default_factory=dict)
    # Those of one call end together: the first and the last of their numbers.
    _lease_ends: list[tuple[float, int, int]] = field(default_factory=list)
    _lanes: dict[str, deque[Message]] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)
    size: int = 0
    dead: DeadLetters = field(init=False)

    def __post_init__(self) -> None:
        self.dead = DeadLetters(self.subscription)

    def schedule(self, message: Message, due: float) -> None:
        """Append a message at a later time."""
        self.size += 1
        heappush(self._scheduled, (due, next(self._numbers), message))

    def put(self, message: Message) -> bool:
        """Append a message; say whether one is ready at once.

        Those that were scheduled until it was published come before it, although nobody has looked
        since their time came.
        """
        self.size += 1
        if not self._scheduled:
            return self._append(message)
        before = self._enter(message.published)
        return self._append(message) or before

    def _append(self, message: Message) -> bool:
        message.place = next(self._numbers)
        if message.key is not None:
            lane = self._lanes.setdefault(message.key, deque())
            lane.append(message)
            if len(lane) > 1:
                return False
        self._ready.append(message)
        return True

    def take(self, limit: int, now: float, seconds: float) -> list[tuple[int, Lease]]:
        """Lease up to ``limit`` ready messages for this many seconds; the numbers are receipts."""
        self._advance(now)
        ready, ends = self._ready, now + seconds
        taken: list[tuple[int, Lease]] = []
        for _ in range(min(limit, len(ready))):
            message = ready.popleft()
            message.attempts += 1
            number, lease = next(self._numbers), Lease(message, ends)
            self._leases[number] = lease
            taken.append((number, lease))
        if taken:
            heappush(self._lease_ends, (ends, taken[0][0], taken[-1][0]))
            self._forget_settled()
        return taken

    def lease(self, number: int, now: float) -> Lease | None:
        """The lease, unless it has ended."""
        self._advance(now)
        return self._leases.get(number)

    def extend(self, number: int, ends: float) -> None:
        """Let a lease end later."""
        self._leases[number].ends = ends
        heappush(self._lease_ends, (ends, number, number))

    def _forget_settled(self) -> None:
        """Drop the ends of leases that were settled long before, once they are most of them."""
        if len(self._lease_ends) > 1_000 + 2 * len(self._leases):
            self._lease_ends = [
                (lease.ends, number, number) for number, lease in self._leases.items()
            ]
            heapify(self._lease_ends)

    def remove(self, number: int) -> bool:
        """The leased message is done with; say whether another became ready."""
        message = self._leases.pop(number).message
        self.size -= 1
        if message.key is None:
            return False
        lane = self._lanes[message.key]
        lane.popleft()
        if not lane:
            del self._lanes[message.key]
            return False
        self._ready.append(lane[0])
        return True

    def release(self, number: int, due: float, now: float, *, counted: bool = True) -> None:
        """Give the leased message back, ready when ``due``."""
        message = self._leases.pop(number).message
        if not counted:
            message.attempts -= 1
        if due <= now:
            self._ready.append(message)
        else:
            heappush(self._delayed, (due, next(self._numbers), message))

    def next_change(self) -> float | None:
        """When time alone will make a message ready."""
        heaps = (self._scheduled, self._delayed, self._lease_ends)
        return min([heap[0][0] for heap in heaps if heap], default=None)

    def depth(self, now: float) -> QueueDepth:
        """Count the messages by state."""
        self._advance(now)
        ready, in_flight = len(self._ready), len(self._leases)
        waiting = (self._scheduled, self._delayed)
        return QueueDepth(
            ready=ready,
            delayed=self.size - ready - in_flight,
            in_flight=in_flight,
            dead=len(self.dead),
            next_due=min([heap[0][0] for heap in waiting if heap], default=None),
        )

    def rekey(self, key_of: Callable[[bytes], str | None]) -> None:
        """Give every message the ordering key of its body, and order what waits as it came.

        Of the messages of a key that are leased, the first one stays so; the others wait for it.
        """
        for _, _, message in self._scheduled:
            message.key = key_of(message.body)
        leased = {lease.message.place: number for number, lease in self._leases.items()}
        delayed = {entry[2].place: entry for entry in self._delayed}
        there = {lease.message.place: lease.message for lease in self._leases.values()}
        there |= {place: entry[2] for place, entry in delayed.items()}
        for messages in (self._ready, *self._lanes.values()):
            there |= {message.place: message for message in messages}
        self._ready, self._delayed, self._lanes = deque(), [], {}
        for place in sorted(there, key=lambda place: (place not in leased, place)):
            message = there[place]
            message.key = key_of(message.body)
            if message.key is not None:
                self._lanes.setdefault(message.key, deque()).append(message)
        for place in sorted(there):
            message = there[place]
            if message.key is not None and self._lanes[message.key][0] is not message:
                self._leases.pop(leased.get(place, -1), None)
            elif place in delayed:
                heappush(self._delayed, delayed[place])
            elif place not in leased:
                self._ready.append(message)
        for lane in self._lanes.values():  # the leases of all but the first have ended
            first, *others = lane
            lane.clear()
            lane.extend((first, *sorted(others, key=lambda message: message.place)))

    def _enter(self, now: float) -> bool:
        """Let what was scheduled take its place; say whether any of it is ready."""
        ready = False
        while self._scheduled and self._scheduled[0][0] <= now:
            ready |= self._append(heappop(self._scheduled)[2])
        return ready

    def _advance(self, now: float) -> None:
        if self._scheduled:
            self._enter(now)
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heappop(self._delayed)[2])
        while self._lease_ends and self._lease_ends[0][0] <= now:
            _, first, last = heappop(self._lease_ends)
            for number in range(first, last + 1):
                lease = self._leases.get(number)
                # An extended lease has a later entry; a settled one has none to end.
                if lease is not None and lease.ends <= now:
                    self.release(number, now, now)
