"""Settles the events of one key one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.delivery.outcome import OutcomeKind
from eventroute.delivery.verdict import given_back
from eventroute.port import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.delivery.lanes import Lanes
    from eventroute.delivery.outcome import Outcome
    from eventroute.delivery.settling import Settler
    from eventroute.delivery.verdict import Verdict
    from eventroute.port import Delivery

__all__ = ["Succession"]


class Succession:
    """Sends a verdict when the one before it of the same key took effect.

    What is given back, or could not be settled, takes everything behind it along.
    """

    def __init__(self, lanes: Lanes, settler: Settler) -> None:
        self._lanes = lanes
        self._settler = settler
        self._behind: dict[int, list[Verdict]] = {}

    def add(self, verdicts: Sequence[Verdict]) -> bool:
        """Take the verdicts of one call of a handler; say whether a call to the backend is full."""
        full = False
        chains: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            key = self._lanes.key(verdict.settlement.delivery)
            if key is None:
                full = self._settler.add(verdict) or full
            else:
                chains.setdefault(key, []).append(verdict)
        for chain in chains.values():
            full = self._send(chain) or full
        return full

    def _send(self, chain: list[Verdict]) -> bool:
        first, *behind = chain
        delivery = first.settlement.delivery
        if isinstance(first.settlement, Release):
            # The last one goes back first, so that nothing overtakes the one that comes again.
            self._give_back(delivery, behind)
        elif behind:
            self._behind[id(delivery)] = behind
        return self._settler.add(first)

    def settled(self, outcome: Outcome) -> Delivery | None:
        """Go on with what is behind a delivery; give what may be begun now."""
        delivery = outcome.delivery
        behind = self._behind.pop(id(delivery), [])
        if outcome.kind is OutcomeKind.LOST:
            self._give_back(delivery, behind)
        elif behind:
            self._lanes.forget(delivery)
            self._send(behind)
        else:
            return self._lanes.leave(delivery)
        return None

    def _give_back(self, delivery: Delivery, behind: list[Verdict]) -> None:
        for waiting in self._lanes.break_off(delivery):
            self._settler.add(given_back(waiting))
        for verdict in reversed(behind):
            self._lanes.forget(verdict.settlement.delivery)
            self._settler.add(given_back(verdict.settlement.delivery))
