"""What was done to an application, for whoever reads a failed test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eventroute.testing.faults.plan import FaultKind, Faults

__all__ = ["FaultLog", "InjectedFault"]

_MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """One fault. Two are equal when they hit the same event in the same way, whatever its id.

    :ivar subscription: where; ``None`` for what happens to a publish.
    :ivar event: its detail type, and a digest of its content with a number where several events
        have the same; ``None`` where no event was there yet.
    :ivar occasion: counts from 1 how often this could have happened to this event there.
    :ivar event_id: the event's id, where it can be read.
    """

    kind: FaultKind
    subscription: str | None
    event: str | None
    occasion: int
    event_id: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        where = self.subscription or "publish"
        what = f", {self.event} (id {self.event_id})" if self.event else ""
        return f"{self.kind.value} at {where}{what}, occasion {self.occasion}"


class FaultLog:
    """The faults that were injected, in the order in which they happened.

    :ivar faults: the plan.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._injected: list[InjectedFault] = []

    @property
    def injected(self) -> tuple[InjectedFault, ...]:
        """All of them."""
        return tuple(self._injected)

    def add(self, fault: InjectedFault) -> None:
        """Note a fault."""
        self._injected.append(fault)

    def __str__(self) -> str:
        count = len(self._injected)
        lines = [f"{self.faults} injected {count} fault{'' if count == 1 else 's'}"]
        lines += [f"  {one}" for one in self._injected[:_MOST_SHOWN]]
        lines += [f"  and {count - _MOST_SHOWN} more"] if count > _MOST_SHOWN else []
        return "\n".join(lines)
