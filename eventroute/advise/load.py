"""What an application sends: how many events, how large, to how many workers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Final

from eventroute.errors import DeclarationError
from eventroute.jsontext import MAX_BYTES

__all__ = ["MONTH", "Load", "read_rate", "read_size"]

MONTH: Final = 30 * 24 * 3600
"""Seconds of a month: thirty days."""

_FASTEST: Final = 10**9
_SECONDS: Final = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86_400),
    **dict.fromkeys(("week",), 7 * 86_400),
    **dict.fromkeys(("month",), MONTH),
}
_TIMES: Final = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_BYTES: Final = {"": 1, "k": 1024, "m": 1024**2}
_NUMBER: Final = r"([0-9]{1,15}(?:\.[0-9]{1,9})?)"
_RATE: Final = re.compile(rf"{_NUMBER} ?([kmb]?)(?: ?/ ?([a-z]+))?", re.IGNORECASE)
_SIZE: Final = re.compile(rf"{_NUMBER} ?([km]?)(?:i?b|bytes)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What the advice is for.

    :ivar events: published a month of thirty days.
    :ivar peak: most events a second; the average when left out.
    :ivar size: bytes of an event's JSON text.
    :ivar workers: processes that work on every subscription; each polls each queue.
    :ivar batch: events that share a request where AWS takes several, 1 to 10.
    :ivar poll_wait: seconds that a poll of an empty queue waits.
    :ivar free_tier: whether what AWS gives away each month is taken off.
    :raises DeclarationError: a number is out of range.
    """

    events: Decimal
    size: int
    peak: Decimal | None = None
    workers: int = 1
    batch: int = 10
    poll_wait: int = 5
    free_tier: bool = False

    def __post_init__(self) -> None:
        if not self.events.is_finite() or not 0 <= self.events <= _FASTEST * MONTH:
            raise DeclarationError(
                f"Load(events={self.events}): must be between 0 and {_FASTEST:,} a second"
            )
        for name, least, most in (
            ("size", 1, MAX_BYTES),
            ("workers", 1, 100_000),
            ("batch", 1, 10),
            ("poll_wait", 1, 20),
        ):
            if not least <= getattr(self, name) <= most:
                raise DeclarationError(
                    f"Load({name}={getattr(self, name)}): must be between {least} and {most:,}"
                )
        if self.peak is not None and not (self.peak.is_finite() and self.rate <= self.peak):
            raise DeclarationError(
                f"the peak of {self.peak:f} events a second is under the average of "
                f"{self.rate:.6g}; give the highest rate, or leave it out"
            )

    @property
    def rate(self) -> Decimal:
        """Events a second, on average."""
        return self.events / MONTH

    @property
    def highest(self) -> Decimal:
        """Events a second at the peak."""
        return self.rate if self.peak is None else self.peak

    @property
    def whole_events(self) -> int:
        """Events a month, as a whole number."""
        return int(self.events.to_integral_value(ROUND_HALF_UP))


def read_rate(text: str) -> Decimal:
    """Read a rate such as ``500/s``, ``1M/day`` or ``2.5k/min``; a bare number is a second's.

    :returns: events a month.
    :raises ValueError: saying what can be written.
    """
    match = _RATE.fullmatch(text.strip())
    seconds = None if match is None else _SECONDS.get((match[3] or "s").lower())
    if match is None or seconds is None:
        raise ValueError(
            f"{text!r} is no rate; write events and a time, such as 500/s, 20k/min or 1M/day"
        )
    events = Decimal(match[1]) * _TIMES[match[2].lower()] * MONTH / seconds
    if events > _FASTEST * MONTH:
        raise ValueError(f"{text!r} is more than {_FASTEST:,} events a second; check the unit")
    return events


def read_size(text: str) -> int:
    """Read a size such as ``900``, ``2KB`` or ``0.5 MB``; 1 KB is 1,024 bytes, as AWS counts.

    :returns: bytes, rounded up.
    :raises ValueError: saying what can be written.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no size; write bytes, or KB or MB, such as 900 or 2KB")
    size = ceil(Decimal(match[1]) * _BYTES[match[2].lower()])
    if not 1 <= size <= MAX_BYTES:
        raise ValueError(
            f"{text!r} is not between 1 and {MAX_BYTES:,} bytes, which is what an event may have; "
            "publish a reference to what is larger"
        )
    return size
