"""Topics, and what connects them to queues, as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute_aws.provisioning.names import FIFO

if TYPE_CHECKING:
    from eventroute.pattern.narrow import FilterPolicy
    from eventroute_aws.provisioning.desired import DesiredQueue

__all__ = [
    "ORDERED_BY",
    "Desired",
    "DesiredTopic",
    "Link",
    "Standing",
]

ORDERED_BY: Final = "eventroute:ordered-by"

_Texts: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The topics that a source has already.

    :ivar ordered_by: as the tag of the FIFO topic says it.
    """

    standard: bool = False
    fifo: bool = False
    ordered_by: str | None = None


@dataclass(frozen=True, slots=True)
class DesiredTopic:
    """A topic.

    :ivar source: ``None`` for the one that stands for every source.
    :ivar ours: whether it is eventroute's to make, to change and to delete.
    """

    arn: str
    source: str | None
    ordered_by: str | None = None
    attributes: _Texts = field(default_factory=dict)
    tags: _Texts = field(default_factory=dict)
    ours: bool = True

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition(":")[2]

    @property
    def fifo(self) -> bool:
        """Whether it keeps the order of message groups."""
        return self.arn.endswith(FIFO)


@dataclass(frozen=True, slots=True)
class Link:
    """The subscription of a queue to a topic; its messages come raw.

    :ivar topic: ARN.
    :ivar queue: ARN.
    """

    topic: str
    queue: str
    filter: FilterPolicy | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """Everything that must exist.

    :ivar queues: dead-letter queues before those that name them.
    :ivar topics: the one for every source first, if there is one.
    :ivar links: in the order of the topics.
    """

    queues: tuple[DesiredQueue, ...] = ()
    topics: tuple[DesiredTopic, ...] = ()
    links: tuple[Link, ...] = ()
