"""Names and ARNs of topics and queues: the same in every process, and never shared by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

__all__ = ["FIFO", "LONGEST_QUEUE_NAME", "LONGEST_TOPIC_NAME", "Names", "Place"]

FIFO: Final = ".fifo"
DEAD: Final = "-dead"
LONGEST_QUEUE_NAME: Final = 80
LONGEST_TOPIC_NAME: Final = 256

_PLAIN: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_LIKE_A_HASH: Final = re.compile(r"(^|.*\.)[0-9a-f]{8}")
_RESERVED: Final = re.compile(r"any|(.*\.)?dead")
_REFUSED: Final = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where resources are.

    :ivar partition: ``"aws"``, ``"aws-cn"`` or ``"aws-us-gov"``.
    :ivar account: twelve digits.
    """

    partition: str
    region: str
    account: str

    def queue(self, name: str) -> str:
        """The ARN of a queue."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{name}"

    def topic(self, name: str) -> str:
        """The ARN of a topic; of a name that is an ARN already, that."""
        if name.startswith("arn:"):
            return name
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{name}"


@dataclass(frozen=True, slots=True)
class Names:
    """Names under a prefix.

    ``billing.invoice`` becomes ``PREFIX-billing-invoice``. What is too long, has other characters
    than letters, digits, ``_`` and dots, or would be another's name, ends with a hash.
    """

    prefix: str

    @property
    def begin(self) -> str:
        """Begins every name."""
        return f"{self.prefix}-" if self.prefix else ""

    @property
    def any(self) -> str:
        """The topic whose subscriptions are for every source; nothing is published to it."""
        return f"{self.begin}any"

    def queue(self, subscription: str, *, fifo: bool) -> str:
        """The queue of a subscription."""
        return self._stem(subscription, LONGEST_QUEUE_NAME - len(DEAD)) + FIFO * fifo

    def dead(self, subscription: str, *, fifo: bool) -> str:
        """Its dead-letter queue."""
        return self._stem(subscription, LONGEST_QUEUE_NAME - len(DEAD)) + DEAD + FIFO * fifo

    def topic(self, source: str, *, fifo: bool) -> str:
        """The topic of a source."""
        return self._stem(source, LONGEST_TOPIC_NAME) + FIFO * fifo

    def is_of_aws(self, topic: str) -> bool:
        """Whether the topic of this name or ARN is that of a source of AWS, such as ``aws.s3``."""
        return topic.rpartition(":")[2].startswith(f"{self.begin}aws-")

    def _stem(self, name: str, longest: int) -> str:
        room = longest - len(FIFO) - len(self.begin)
        plain = _PLAIN.fullmatch(name) and not _LIKE_A_HASH.fullmatch(name)
        if plain and not _RESERVED.fullmatch(name) and len(name) <= room:
            return self.begin + name.replace(".", "-")
        digest = sha256(name.encode()).hexdigest()[:8]
        kept = _REFUSED.sub("-", name)[: room - len(digest) - 1]
        return f"{self.begin}{kept}-{digest}" if kept else self.begin + digest
