"""What is published: orders of 273 bytes, of which every second one passes the filter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PASSES", "SUBSCRIPTIONS", "Seen", "order", "orders"]

PASSES: Final = "KR"
"""The country that every subscription asks for."""

SUBSCRIPTIONS: Final = ("invoice", "review", "ship")

_BYTES: Final = 273


def order(number: int) -> dict[str, Any]:
    """The fields of one order; every engine puts them into a model of its own."""
    fields = {
        "order_id": f"order-{number:08}",
        "customer": f"customer-{number * 7919 % 100_000:06}",
        "country": PASSES if number % 2 else "DE",
        "total": round(number % 5000 + 0.25, 2),
        "placed": f"2026-11-{1 + number % 28:02}T{number % 24:02}:15:00Z",
        "items": [
            {"sku": f"sku-{(number + line) % 977:05}", "quantity": 1 + line} for line in range(3)
        ],
        "note": "",
    }
    missing = _BYTES - len(json.dumps(fields, separators=(",", ":")))
    return {**fields, "note": "x" * missing}


def orders(count: int) -> list[dict[str, Any]]:
    """Orders that all differ."""
    return [order(number) for number in range(count)]


class Seen:
    """What the handlers of each subscription were given.

    :ivar expected: deliveries in all.
    """

    def __init__(self, published: Sequence[dict[str, Any]]) -> None:
        self._right = sorted(one["order_id"] for one in published if one["country"] == PASSES)
        self.expected = len(self._right) * len(SUBSCRIPTIONS)
        self.by_name: dict[str, list[str]] = {name: [] for name in SUBSCRIPTIONS}

    def count(self) -> int:
        """Deliveries so far."""
        return sum(map(len, self.by_name.values()))

    def wrong(self) -> str | None:
        """What is wrong with them, if anything is: each event once in each subscription."""
        for name, seen in self.by_name.items():
            if sorted(seen) != self._right:
                return f"{name} saw {len(seen):,} orders, or others, not {len(self._right):,}"
        return None
