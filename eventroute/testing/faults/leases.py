"""Leases whose worker died: nobody works on those events until the leases end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.port import Delivery, QueueDepth

__all__ = ["Leases"]


class Leases:
    """Knows when leases end, and which of them were abandoned.

    Deliveries go by identity: two of one event may be under way, and receipts are the backend's.
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[Delivery, float]] = {}
        self._abandoned: dict[int, tuple[Delivery, float]] = {}

    def hold(self, delivery: Delivery, ends: float) -> None:
        """A lease begins, or lasts longer."""
        self._held[id(delivery)] = delivery, ends

    def end(self, delivery: Delivery) -> None:
        """A lease was settled."""
        self._held.pop(id(delivery), None)

    def abandon(self, delivery: Delivery) -> None:
        """The worker died."""
        self._abandoned[id(delivery)] = self._held.pop(
            id(delivery), (delivery, delivery.lease_ends)
        )

    def is_abandoned(self, delivery: Delivery) -> bool:
        """Whether the worker that received it has died."""
        return id(delivery) in self._abandoned

    def as_seen(self, subscription: str, depth: QueueDepth, now: float) -> QueueDepth:
        """Count abandoned events as delayed: only time brings them back."""
        ends = [
            ends
            for delivery, ends in self._abandoned.values()
            if delivery.subscription == subscription and ends > now
        ]
        lost = min(len(ends), depth.in_flight)
        if not lost:
            return depth
        due = min(ends) if depth.next_due is None else min(*ends, depth.next_due)
        return replace(
            depth, in_flight=depth.in_flight - lost, delayed=depth.delayed + lost, next_due=due
        )
