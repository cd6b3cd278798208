"""Points in time as people write them in a shell."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

__all__ = ["moment"]

_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_AGO: Final = re.compile(r"(?:[0-9]{1,9}[dhms])+")
_LONGEST: Final = 40


def moment(text: str, now: datetime) -> datetime:
    """Read an RFC 3339 time, ``now``, or how long ago, such as ``90m`` or ``1d12h``.

    :raises ValueError: saying what can be written.
    """
    if text == "now":
        return now
    if len(text) <= _LONGEST and _AGO.fullmatch(text):
        parts = re.findall(r"([0-9]+)([dhms])", text)
        try:
            return now - sum((timedelta(**{_UNITS[u]: int(n)}) for n, u in parts), timedelta())
        except OverflowError:
            raise ValueError(f"{text!r} is longer ago than a calendar reaches") from None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; write 2026-01-31T08:00:00Z, or how long ago: 90m, 1d12h"
        ) from None
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; add Z for UTC, or an offset such as +09:00")
    return found
