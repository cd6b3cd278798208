"""Single steps from how things are to how they should be, as data; here those of queues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from eventroute.port import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute_aws.provisioning.desired import DesiredQueue

__all__ = [
    "ChangeQueue",
    "CreateQueue",
    "DeleteQueue",
    "QueueStep",
    "Told",
    "changes_of",
    "rewrites_policies",
]


class Told(Protocol):
    """A step of any kind."""

    @property
    def change(self) -> Change:
        """For people."""
        ...


@dataclass(frozen=True, slots=True)
class CreateQueue:
    """Create a queue.

    :ivar policy: as JSON text; ``""`` for none.
    """

    queue: DesiredQueue
    policy: str = ""

    @property
    def change(self) -> Change:
        """For people."""
        return Change("create", f"queue {self.queue.name}")


@dataclass(frozen=True, slots=True)
class ChangeQueue:
    """Give a queue other attributes, and tags that it lacks."""

    name: str
    url: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("change", f"queue {self.name}", self.details)


@dataclass(frozen=True, slots=True)
class DeleteQueue:
    """Delete a queue with all that it holds."""

    name: str
    url: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"queue {self.name}")


QueueStep: TypeAlias = CreateQueue | ChangeQueue | DeleteQueue


def changes_of(phases: Iterable[Iterable[Told]]) -> list[Change]:
    """The steps, for people."""
    return [step.change for phase in phases for step in phase]


def rewrites_policies(phases: Iterable[Iterable[object]]) -> bool:
    """Whether there is a policy to write, which somebody else may write whole at the same time."""
    return any(
        isinstance(step, ChangeQueue) and "Policy" in step.attributes
        for phase in phases
        for step in phase
    )
