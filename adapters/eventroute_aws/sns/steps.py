"""Single steps of topics and subscriptions, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from eventroute.port import Change
from eventroute_aws.provisioning.steps import QueueStep

if TYPE_CHECKING:
    from eventroute_aws.sns.resources import DesiredTopic, Link

__all__ = [
    "ChangeLink",
    "ChangeTopic",
    "CreateTopic",
    "DeleteTopic",
    "Phases",
    "Step",
    "Subscribe",
    "Unsubscribe",
]

_Texts: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CreateTopic:
    """Create a topic."""

    topic: DesiredTopic

    @property
    def change(self) -> Change:
        """For people."""
        return Change("create", f"topic {self.topic.name}")


@dataclass(frozen=True, slots=True)
class ChangeTopic:
    """Give a topic other attributes, and tags that it lacks."""

    arn: str
    attributes: _Texts = field(default_factory=dict)
    tags: _Texts = field(default_factory=dict)
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("change", f"topic {_name(self.arn)}", self.details)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe a queue to a topic."""

    link: Link

    @property
    def change(self) -> Change:
        """For people."""
        found = self.link.filter
        details = () if found is None else (f"filter on {found.scope}: {found.policy}",)
        return Change("create", _subscription(self.link.queue, self.link.topic), details)


@dataclass(frozen=True, slots=True)
class ChangeLink:
    """Give a subscription other attributes, one after the other.

    :ivar arn: its own.
    """

    arn: str
    topic: str
    queue: str
    attributes: tuple[tuple[str, str], ...]
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("change", _subscription(self.queue, self.topic), self.details)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """End the subscription of a queue to a topic.

    :ivar arn: its own.
    """

    arn: str
    topic: str
    queue: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", _subscription(self.queue, self.topic))


@dataclass(frozen=True, slots=True)
class DeleteTopic:
    """Delete a topic, and with it every subscription to it."""

    arn: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"topic {_name(self.arn)}")


Step: TypeAlias = (
    QueueStep | CreateTopic | ChangeTopic | Subscribe | ChangeLink | Unsubscribe | DeleteTopic
)
Phases: TypeAlias = tuple[tuple[Step, ...], ...]
"""Steps of one phase may be done at once, those of the next only afterwards."""


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _subscription(queue: str, topic: str) -> str:
    return f"subscription of {_name(queue)} to {_name(topic)}"
