"""What became of dead letters that were redriven or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from eventroute.errors import EventRouteError

__all__ = ["Action", "DeadLetterReport", "LetterOutcome"]

Action: TypeAlias = Literal["redrive", "discard"]


@dataclass(frozen=True, slots=True)
class LetterOutcome:
    """What became of one letter that was chosen.

    :ivar id: the letter's id.
    :ivar event_id: the id of its event; ``None`` where it cannot be read.
    :ivar error: why it is still in the dead-letter queue; ``None`` where all went well.
    """

    id: str
    event_id: str | None
    error: EventRouteError | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterReport:
    """What was done or, after a dry run, what would be done.

    :ivar outcomes: one entry for each letter that was chosen, in order.
    :ivar skipped: letters that were looked at and not chosen.
    :ivar missing: ids that were asked for and that no letter has.
    :ivar missing_events: ids of events that were asked for and of which there is no letter.
    :ivar interrupted: why the walk ended before its end; ``None`` where it did not.
    """

    action: Action
    dry_run: bool
    outcomes: tuple[LetterOutcome, ...] = ()
    skipped: int = 0
    missing: tuple[str, ...] = ()
    interrupted: EventRouteError | None = None
    missing_events: tuple[str, ...] = ()

    @property
    def done(self) -> tuple[LetterOutcome, ...]:
        """Letters that left the dead-letter queue, or would."""
        return tuple(one for one in self.outcomes if one.error is None)

    @property
    def failed(self) -> tuple[LetterOutcome, ...]:
        """Letters that were to leave it, and are still there."""
        return tuple(one for one in self.outcomes if one.error is not None)

    def __str__(self) -> str:
        verb = {"redrive": "redriven", "discard": "discarded"}[self.action]
        parts = [f"{len(self.done):,} {'would be ' * self.dry_run}{verb}"]
        parts += [f"{len(self.failed):,} failed"] if self.failed else []
        parts += [f"{self.skipped:,} skipped"] if self.skipped else []
        missing = len(self.missing) + len(self.missing_events)
        parts += [f"{missing:,} not found"] if missing else []
        parts += [f"ended early: {self.interrupted}"] if self.interrupted else []
        return ", ".join(parts)

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "action": self.action,
            "dry_run": self.dry_run,
            "done": [{"id": one.id, "event_id": one.event_id} for one in self.done],
            "failed": [
                {"id": one.id, "event_id": one.event_id, "error": str(one.error)}
                for one in self.failed
            ],
            "skipped": self.skipped,
            "missing": list(self.missing),
            "missing_events": list(self.missing_events),
            "interrupted": None if self.interrupted is None else str(self.interrupted),
        }
