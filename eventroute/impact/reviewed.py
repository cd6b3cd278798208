"""What is said of the contracts of an application: pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from eventroute.impact.effect import Impact
from eventroute.registry import Verdict

if TYPE_CHECKING:
    from eventroute.registry import Compatibility, Mode, Profile

__all__ = ["Review", "Reviewed", "Status"]


class Status(StrEnum):
    """What became of one version of a contract.

    ``UNCHANGED``: it is registered with a schema that the same events fit. ``NEW``: nothing is
    registered for the type. ``ADDED``: a version that is not registered yet. ``CHANGED``: another
    schema is registered for the version. ``REMOVED``: it was registered and is no more.
    ``UNDECLARED``: the type is registered, and the application declares no model for it.
    ``CONFLICTING``: the application declares the version with two schemas.
    """

    UNCHANGED = "unchanged"
    NEW = "new"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNDECLARED = "undeclared"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One version of a contract.

    :ivar against: the versions that it was judged against, ascending.
    :ivar judged: whether it may follow them; ``None`` where there is nothing to compare.
    :ivar impact: what the change from the last of them does to the application.
    :ivar registered: whether the registry has the version.
    :ivar bridged: whether casts of the application make good what is not compatible.
    :ivar cast_wanted: the kind of cast that nobody declares, and that could make good the direction
        in which it is not compatible; ``None`` where none could.
    :ivar cast_failure: how the casts that are declared fail on the event that shows why it is not
        compatible; ``""`` where they do not.
    :ivar differs: how the schema of an unchanged version is written otherwise; ``""`` where it is
        not.
    """

    topic: str
    type: str
    version: int
    status: Status
    against: tuple[int, ...] = ()
    judged: Compatibility | None = None
    impact: Impact = field(default_factory=Impact)
    registered: bool = False
    bridged: bool = False
    cast_wanted: Literal["upcast", "downcast"] | None = None
    differs: str = ""
    cast_failure: str = ""

    @property
    def breaks(self) -> bool:
        """Whether something certainly breaks. Versions are for good: to change one breaks it."""
        incompatible = self.judged is not None and self.judged.verdict is Verdict.INCOMPATIBLE
        gone = self.status in (Status.CHANGED, Status.REMOVED, Status.CONFLICTING)
        return gone or (incompatible and not self.bridged) or self.impact.breaks

    @property
    def unknown(self) -> bool:
        """Whether it could not be decided."""
        return self.judged is not None and self.judged.verdict is Verdict.UNKNOWN

    @property
    def broken_version(self) -> int | None:
        """The version whose events, or readers, the witness is about."""
        judged = self.judged
        if judged is None or judged.verdict is not Verdict.INCOMPATIBLE:
            return None
        return self.against[judged.against]

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        judged = self.judged
        return {
            "topic": self.topic,
            "type": self.type,
            "version": self.version,
            "status": self.status.value,
            "registered": self.registered,
            "bridged": self.bridged,
            "breaks": self.breaks,
            "cast_wanted": self.cast_wanted,
            "cast_failure": self.cast_failure,
            "differs": self.differs,
            "against": list(self.against),
            "compatibility": None if judged is None else self._judgement(judged),
            "impact": self.impact.to_dict(),
        }

    def _judgement(self, judged: Compatibility) -> dict[str, object]:
        return {
            "verdict": judged.verdict.value,
            "mode": judged.mode,
            "reason": judged.reason,
            "direction": judged.direction,
            "pointer": judged.pointer,
            "broken_version": self.broken_version,
            "witness": judged.witness,
            "changes": [
                {
                    "pointer": change.pointer,
                    "kind": change.kind,
                    "text": change.text,
                    "breaks": list(change.breaks),
                }
                for change in judged.changes
            ],
        }


@dataclass(frozen=True, slots=True)
class Review:
    """The contracts of an application, by topic, type and version."""

    entries: tuple[Reviewed, ...]
    mode: Mode
    profile: Profile

    @property
    def breaks(self) -> int:
        """How many break something."""
        return sum(entry.breaks for entry in self.entries)

    @property
    def unknown(self) -> int:
        """How many could not be decided, and are not known to break anything."""
        return sum(entry.unknown and not entry.breaks for entry in self.entries)

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "mode": self.mode,
            "profile": self.profile,
            "breaks": self.breaks,
            "unknown": self.unknown,
            "contracts": [entry.to_dict() for entry in self.entries],
        }
