"""What a changed contract does to subscriptions: pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Effect", "EffectKind", "Impact", "Severity"]


class Severity(StrEnum):
    """How bad it is.

    ``BREAKS``: events that a subscription was to handle are not, or not as declared. ``WARNS``:
    something that its author should look at.
    """

    BREAKS = "breaks"
    WARNS = "warns"


EffectKind: TypeAlias = Literal[
    "never-matches",
    "test-never-passes",
    "always-matches",
    "field-gone",
    "type-changed",
    "order-lost",
    "key-lost",
    "input-lost",
    "refuses-new",
    "refuses-earlier",
    "unproven",
]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a change does to one subscription or route.

    :ivar subscription: its name.
    :ivar reason: a sentence.
    :ivar pointer: JSON pointer into its pattern, where the effect is on a rule.
    :ivar schema_pointer: JSON pointer to the place in the new contract that decides, or in the old
        one of what is gone; ``None`` where there is none.
    :ivar witness: the detail of an event that shows it, valid by the new contract (of
        ``refuses-earlier``, by the old); ``None`` where there is none.
    :ivar remedy: what would mend it; ``""`` where that is not known.
    """

    subscription: str
    kind: EffectKind
    severity: Severity
    reason: str
    pointer: str | None = None
    schema_pointer: str | None = None
    witness: Mapping[str, object] | None = None
    remedy: str = ""

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "subscription": self.subscription,
            "kind": self.kind,
            "severity": self.severity.value,
            "reason": self.reason,
            "pointer": self.pointer,
            "schema_pointer": self.schema_pointer,
            "witness": self.witness,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """What a changed contract does to an application.

    :ivar effects: in the order in which the subscriptions are declared.
    :ivar unaffected: the subscriptions and routes that concern the event type, and on which the
        change has no effect.
    :ivar unconcerned: those whose pattern matches no event of the type, by either contract.
    """

    effects: tuple[Effect, ...] = ()
    unaffected: tuple[str, ...] = ()
    unconcerned: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether an effect breaks something."""
        return any(effect.severity is Severity.BREAKS for effect in self.effects)

    @property
    def affected(self) -> tuple[str, ...]:
        """The subscriptions and routes that have effects, each once."""
        return tuple(dict.fromkeys(effect.subscription for effect in self.effects))

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "effects": [effect.to_dict() for effect in self.effects],
            "unaffected": list(self.unaffected),
            "unconcerned": list(self.unconcerned),
        }
