"""Which leases are live, as far as this process knows; SQS has the last word."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil
from typing import TYPE_CHECKING, Final

from eventroute.errors import LeaseLostError
from eventroute_aws.limits import LONGEST_HIDING

if TYPE_CHECKING:
    import asyncio

    from eventroute_aws.layout import Queue
    from eventroute_aws.queues.message import Message

__all__ = ["Delays", "Lease", "Uncounted", "begin_of_lease", "live_lease"]


_REMEMBERED: Final = 10_000


@dataclass(slots=True, eq=False)
class Lease:
    """The receipt of a delivery or of a dead letter.

    :ivar queue: of the subscription, also where the message is a dead letter.
    :ivar received: no later than the receive, by the adapter's clock.
    :ivar ends: by the adapter's clock.
    :ivar is_over: whether it was settled, or is being settled.
    :ivar was_sent: whether the message has reached the queue that it is being moved to.
    :ivar extension: an extension under way, which would undo a release that overtakes it.
    """

    queue: Queue
    message: Message
    received: float
    ends: float
    is_over: bool = False
    was_sent: bool = False
    extension: asyncio.Future[None] | None = None

    def hidden_for(self, seconds: float, now: float) -> int:
        """How long SQS may be told to hide the message from now on, in whole seconds.

        A second is left for the way to SQS, which refuses what goes beyond its bound.
        """
        if seconds <= 0:
            return 0
        room = LONGEST_HIDING - (now - self.received)
        return max(0, min(ceil(seconds), int(room - 1)))


def begin_of_lease(asked: float, answered: float, wait: int, seconds: float) -> float:
    """When the leases of a receive began, rather too early than too late.

    A long poll answers as soon as there is a message, so its leases are as old as the answer took
    to arrive: an allowance, unless the answer is so late that it must have been ready before.

    :param asked: when the request was sent, and ``answered`` when the answer was read.
    :param wait: seconds that the poll waited at most.
    :param seconds: how long a lease is.
    """
    if answered - asked > wait + 1:
        return asked
    return max(asked, answered - min(1.0, seconds / 10))


def live_lease(receipt: object, what: str, now: float) -> Lease:
    """The lease that may be settled.

    :param what: whose receipt it is, for the message.
    :raises LeaseLostError: it has ended, or was settled.
    """
    if isinstance(receipt, Lease) and not receipt.is_over and now < receipt.ends:
        return receipt
    if isinstance(receipt, Lease) and now - receipt.received >= LONGEST_HIDING - 1:
        raise LeaseLostError(f"the lease of {what} has ended: SQS ends each after 12 hours")
    raise LeaseLostError(
        f"the lease of {what} has ended, or it was settled; raise visibility_timeout if handlers "
        "block the event loop for that long"
    )


class Uncounted:
    """Receives that were no attempts, by message; the oldest are forgotten when there are many."""

    def __init__(self) -> None:
        self._receives: OrderedDict[str, int] = OrderedDict()

    def add(self, message_id: str) -> None:
        """The last receive of a message was no attempt."""
        self._receives[message_id] = self._receives.pop(message_id, 0) + 1
        if len(self._receives) > _REMEMBERED:
            self._receives.popitem(last=False)

    def forget(self, message_id: str) -> None:
        """The message has left the queue."""
        self._receives.pop(message_id, None)

    def attempt(self, message: Message) -> int:
        """The number of the attempt that a receive begins; 1 is the first."""
        return max(1, message.receives - self._receives.get(message.id, 0))


class Delays:
    """What this process released with a delay, by queue: SQS counts it as in flight."""

    def __init__(self) -> None:
        self._due: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, url: str, due: float, now: float) -> None:
        """A message comes back at a moment of the adapter's clock."""
        self.count(url, now)
        heappush(self._due[url], due)

    def count(self, url: str, now: float) -> int:
        """How many messages have not come back yet."""
        due = self._due[url]
        while due and due[0] <= now:
            heappop(due)
        return len(due)
