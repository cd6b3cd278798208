"""Single steps of event buses, rules and targets, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from eventroute.port import Change
from eventroute_aws.provisioning.steps import QueueStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute_aws.eventbridge.resources import DesiredBus, DesiredRule, Target

__all__ = [
    "CreateBus",
    "DeleteBus",
    "DeleteRule",
    "Phases",
    "RemoveTargets",
    "Step",
    "TagBus",
    "WriteRule",
    "WriteTargets",
]

_Action: TypeAlias = Literal["create", "change"]


@dataclass(frozen=True, slots=True)
class CreateBus:
    """Create an event bus."""

    bus: DesiredBus

    @property
    def change(self) -> Change:
        """For people."""
        return Change("create", f"event bus {self.bus.name}")


@dataclass(frozen=True, slots=True)
class TagBus:
    """Give an event bus tags that it lacks."""

    bus: DesiredBus
    tags: Mapping[str, str]

    @property
    def change(self) -> Change:
        """For people."""
        details = tuple(f"tag {key}: {value!r}" for key, value in self.tags.items())
        return Change("change", f"event bus {self.bus.name}", details)


@dataclass(frozen=True, slots=True)
class WriteRule:
    """Create a rule, or write it anew.

    :ivar tags: that an existing one lacks.
    :ivar rewritten: whether there is more to change than tags.
    :ivar state: as it becomes.
    """

    rule: DesiredRule
    action: _Action = "create"
    details: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    rewritten: bool = True
    state: str = "ENABLED"

    @property
    def change(self) -> Change:
        """For people."""
        return Change(self.action, f"rule {self.rule.name}", self.details)


@dataclass(frozen=True, slots=True)
class WriteTargets:
    """Give a rule targets, or write them anew.

    :ivar rule: name of the rule.
    """

    bus: str
    rule: str
    targets: tuple[Target, ...]
    action: _Action = "create"
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change(
            self.action, _targets(self.rule, *(one.id for one in self.targets)), self.details
        )


@dataclass(frozen=True, slots=True)
class RemoveTargets:
    """Take targets from a rule.

    :ivar rule: name of the rule.
    :ivar details: what they are.
    """

    bus: str
    rule: str
    ids: tuple[str, ...]
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", _targets(self.rule, *self.ids), self.details)


@dataclass(frozen=True, slots=True)
class DeleteRule:
    """Delete a rule that has no targets any more."""

    bus: str
    name: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"rule {self.name}")


@dataclass(frozen=True, slots=True)
class DeleteBus:
    """Delete an event bus."""

    name: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"event bus {self.name}")


Step: TypeAlias = (
    QueueStep
    | CreateBus
    | TagBus
    | WriteRule
    | WriteTargets
    | RemoveTargets
    | DeleteRule
    | DeleteBus
)
Phases: TypeAlias = tuple[tuple[Step, ...], ...]
"""Steps of one phase may be done at once, those of the next only afterwards."""


def _targets(rule: str, *ids: str) -> str:
    return f"target{'s' * (len(ids) > 1)} {', '.join(ids)} of the rule {rule}"
