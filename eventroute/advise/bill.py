"""The lines of a monthly bill, each with its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from eventroute.advise.tables import prices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.advise.tables import FreeTier

__all__ = ["UNIT", "Action", "Bill", "Charge", "Packing"]

UNIT: Final = 65_536
"""Bytes that AWS bills as one request or event: 64 KB."""

Action: TypeAlias = Literal["publish", "receive", "delete", "poll", "extra"]
"""What a line is for; ``poll`` is a receive that brings nothing."""

_CENT: Final = Decimal("0.01")
_GB: Final = 10**9


@dataclass(frozen=True, slots=True)
class Packing:
    """How events travel in requests.

    :ivar events: in one request.
    :ivar units: that AWS bills for it.
    """

    events: int
    units: int

    @classmethod
    def of(cls, size: int, *, batch: int, most_bytes: int) -> Packing:
        """As many as allowed and as fit.

        :param size: bytes of an event.
        :param batch: most events of a request.
        :param most_bytes: bytes of a request at most.
        """
        events = max(1, min(batch, most_bytes // size))
        return cls(events, ceil(events * size / UNIT))


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a bill.

    :ivar requests: calls that it is for; 0 where it is not for calls.
    :ivar billed: units of the price, such as requests of 64 KB.
    :ivar price: name of the price in ``prices.toml``.
    :ivar arithmetic: what was multiplied, ending in ``= $12.34``.
    :ivar cost: USD a month, in whole cents.
    """

    action: Action
    what: str
    requests: int
    billed: Decimal
    price: str
    arithmetic: str
    cost: Decimal

    def to_dict(self) -> dict[str, object]:
        """JSON values; money as text, lest it becomes binary."""
        price = prices().prices[self.price]
        return {
            "action": self.action,
            "what": self.what,
            "requests": self.requests,
            "arithmetic": self.arithmetic,
            "cost": str(self.cost),
            "source": price.source,
            "page": price.page,
        }


@dataclass(slots=True)
class _Line:
    action: Action
    what: str
    price: str
    calls: int
    billed: Decimal
    parts: tuple[str, ...]
    free: Decimal = Decimal(0)

    def charge(self) -> Charge:
        price = prices().prices[self.price]
        exact = (self.billed - self.free) * price.amount / price.per
        cost = exact.quantize(_CENT, ROUND_HALF_UP)
        product = " x ".join(self.parts)
        if self.free:
            product = f"({product} - {int(self.free):,} free)"
        arithmetic = f"{product} x {price.shown} = ${cost:,.2f}"
        return Charge(self.action, self.what, self.calls, self.billed, self.price, arithmetic, cost)


class Bill:
    """Collects charges. What costs nothing because there is none of it is left out."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Every line."""
        return tuple(line.charge() for line in self._lines)

    def requests(
        self, action: Action, what: str, price: str, *, count: int, noun: str, packing: Packing
    ) -> None:
        """Add calls that carry so many things, each call billed by its units.

        :param count: of the things, a month.
        :param noun: what they are, such as ``"events"``.
        """
        calls = -(-count // packing.events)
        parts = [f"{count:,} {noun}", _counted(packing.units, "unit")]
        if packing.events > 1:
            parts[0] += f" / {packing.events} a request"
        self._add(action, what, price, calls, Decimal(calls * packing.units), *parts)

    def events(
        self, action: Action, what: str, price: str, *, count: int, units: int, together: int
    ) -> None:
        """Add events that are billed one by one, however many share a call.

        :param units: that AWS bills for an event.
        :param together: events of a call.
        """
        parts = f"{count:,} events", _counted(units, "unit")
        self._add(action, what, price, -(-count // together), Decimal(count * units), *parts)

    def polls(self, what: str, price: str, queues: int, workers: int, each: int) -> None:
        """Add the receives of workers that find their queues empty.

        :param each: receives of one worker on one queue, a month.
        """
        calls = queues * workers * each
        parts = _counted(queues, "queue"), _counted(workers, "worker"), f"{each:,} polls"
        self._add("poll", what, price, calls, Decimal(calls), *parts)

    def messages(self, action: Action, what: str, price: str, count: int) -> None:
        """Add messages that are billed by their number."""
        self._add(action, what, price, 0, Decimal(count), f"{count:,} messages")

    def payload(self, action: Action, what: str, price: str, count: int, size: int) -> None:
        """Add bytes that are billed by the GB."""
        billed = Decimal(count) * size / _GB
        self._add(action, what, price, 0, billed, f"{count:,} messages", f"{size:,} bytes")

    def storage(self, what: str, price: str, count: int, size: int, days: int) -> None:
        """Add bytes that are kept for some days, billed by the GB and month of thirty days."""
        billed = Decimal(count) * size * days / (30 * _GB)
        parts = f"{count:,} events", f"{size:,} bytes", f"{days} / 30 days"
        self._add("extra", what, price, 0, billed, *parts)

    def give(self, tier: FreeTier, price_names: Sequence[str]) -> None:
        """Take off what AWS gives away.

        :param price_names: the prices that it is for, in the order in which they use it up.
        """
        left = Decimal(tier.requests)
        for name in price_names:
            for line in self._lines:
                if line.price == name:
                    line.free = min(left, line.billed)
                    left -= line.free

    def _add(
        self, action: Action, what: str, price: str, calls: int, billed: Decimal, *parts: str
    ) -> None:
        if billed:
            self._lines.append(_Line(action, what, price, calls, billed, parts))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
