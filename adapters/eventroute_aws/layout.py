"""Where things are: what provisioning found or made, and what publishing and receiving need."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Queue", "Topic"]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one subscription, and its dead-letter queue.

    :ivar subscription: name of the subscription.
    :ivar visibility_timeout: seconds, of a receive.
    :ivar fifo: whether both queues keep the order of message groups.
    """

    subscription: str
    url: str
    dead_url: str
    visibility_timeout: float
    fifo: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic of one event source.

    :ivar ordered_by: dotted path into ``detail`` whose value is the message group of a FIFO
        topic; ``None`` for a standard topic.
    :ivar max_bytes: largest message, attributes included.
    """

    source: str
    arn: str
    ordered_by: str | None = None
    max_bytes: int = 262_144
