"""Names and ARNs of all resources: the same in every process, and never shared by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

__all__ = [
    "DEFAULT_BUS",
    "FIFO",
    "LONGEST_ARCHIVE_NAME",
    "LONGEST_QUEUE_NAME",
    "LONGEST_RULE_NAME",
    "LONGEST_TOPIC_NAME",
    "Names",
    "Place",
]

FIFO: Final = ".fifo"
DEAD: Final = "-dead"
DEFAULT_BUS: Final = "default"
LONGEST_ARCHIVE_NAME: Final = 48
LONGEST_QUEUE_NAME: Final = 80
LONGEST_RULE_NAME: Final = 64
LONGEST_TOPIC_NAME: Final = 256

_QUEUE_STEM: Final = LONGEST_QUEUE_NAME - len(DEAD) - len(FIFO)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_LIKE_A_HASH: Final = re.compile(r"(^|.*\.)[0-9a-f]{8}")
_PLAIN_BUS: Final = re.compile(r"(?!.*-[0-9a-f]{8}$)[.A-Za-z0-9_-]+")
_RESERVED: Final = re.compile(r"any|delayed|(.*\.)?dead")
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

    def group(self, name: str) -> str:
        """The ARN of a group of schedules."""
        return f"arn:{self.partition}:scheduler:{self.region}:{self.account}:schedule-group/{name}"

    def topic(self, name: str) -> str:
        """The ARN of a topic; of a name that is an ARN already, that."""
        if name.startswith("arn:"):
            return name
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{name}"

    def bus(self, name: str) -> str:
        """The ARN of an event bus."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:event-bus/{name}"

    def archive(self, name: str) -> str:
        """The ARN of an archive."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:archive/{name}"

    def replay(self, name: str) -> str:
        """The ARN of a replay."""
        return f"arn:{self.partition}:events:{self.region}:{self.account}:replay/{name}"

    def rule(self, name: str, bus: str) -> str:
        """The ARN of a rule on an event bus."""
        path = name if bus == DEFAULT_BUS else f"{bus}/{name}"
        return f"arn:{self.partition}:events:{self.region}:{self.account}:rule/{path}"


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

    @property
    def delayed(self) -> str:
        """The queue in which events wait that are to be published later."""
        return f"{self.begin}delayed"

    @property
    def delayed_dead(self) -> str:
        """Its dead-letter queue."""
        return self.delayed + DEAD

    def queue(self, subscription: str, *, fifo: bool) -> str:
        """The queue of a subscription."""
        return self._stem(subscription, _QUEUE_STEM) + FIFO * fifo

    def dead(self, subscription: str, *, fifo: bool) -> str:
        """Its dead-letter queue."""
        return self._stem(subscription, _QUEUE_STEM) + DEAD + FIFO * fifo

    def both(self, subscription: str, *, fifo: bool) -> tuple[str, str]:
        """Its queue and its dead-letter queue."""
        return self.queue(subscription, fifo=fifo), self.dead(subscription, fifo=fifo)

    def topic(self, source: str, *, fifo: bool) -> str:
        """The topic of a source."""
        return self._stem(source, LONGEST_TOPIC_NAME - len(FIFO)) + FIFO * fifo

    def rule(self, subscription: str) -> str:
        """The rule of a subscription."""
        return self._stem(subscription, LONGEST_RULE_NAME)

    def is_of_aws(self, topic: str) -> bool:
        """Whether the topic of this name or ARN is that of a source of AWS, such as ``aws.s3``."""
        return topic.rpartition(":")[2].startswith(f"{self.begin}aws-")

    def archive(self, bus: str) -> str:
        """The archive of an event bus."""
        room = LONGEST_ARCHIVE_NAME - len(self.begin)
        if _PLAIN_BUS.fullmatch(bus) and len(bus) <= room:
            return self.begin + bus
        digest = sha256(bus.encode()).hexdigest()[:8]
        return f"{self.begin}{_REFUSED.sub('-', bus)[: room - len(digest) - 1]}-{digest}"

    def _stem(self, name: str, longest: int) -> str:
        room = longest - len(self.begin)
        plain = _PLAIN.fullmatch(name) and not _LIKE_A_HASH.fullmatch(name)
        if plain and not _RESERVED.fullmatch(name) and len(name) <= room:
            return self.begin + name.replace(".", "-")
        digest = sha256(name.encode()).hexdigest()[:8]
        kept = _REFUSED.sub("-", name)[: room - len(digest) - 1]
        return f"{self.begin}{kept}-{digest}" if kept else self.begin + digest
