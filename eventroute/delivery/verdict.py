"""What an attempt comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.delivery.outcome import Outcome
    from eventroute.port import Settlement

__all__ = ["Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to tell the backend, and what to tell the observer once the backend agreed."""

    settlement: Settlement
    outcome: Outcome
