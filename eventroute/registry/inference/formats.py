"""Which formats a text has: narrower than any validator reads them, so that none refuses it."""

from __future__ import annotations

import re
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eventroute.registry.inference.bounds import MAX_LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FORMATS", "formats_of"]

_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}")


def _date_time(text: str) -> bool:
    return bool(_DATE_TIME.fullmatch(text)) and bool(datetime.fromisoformat(text))


def _date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))


def _uri(text: str) -> bool:
    # Only the host may have brackets, and only around an address; so none is read with them.
    return bool(_URI.fullmatch(text)) and bool(urlsplit(text).scheme)


def _ipv4(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text)) and bool(IPv4Address(text))


def _ipv6(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text)) and bool(IPv6Address(text))


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "date-time": _date_time,
    "date": _date,
    "uuid": lambda text: bool(_UUID.fullmatch(text)),
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "email": lambda text: len(text) <= 254 and bool(_EMAIL.fullmatch(text)),
    "uri": _uri,
}
"""By the name that JSON Schema gives them; the checks may raise ValueError."""


def formats_of(text: str, among: Iterable[str]) -> frozenset[str]:
    """Those of some formats that a text has."""
    if not text or len(text) > MAX_LOOKED_AT:
        return frozenset()
    return frozenset(name for name in among if _has(text, name))


def _has(text: str, name: str) -> bool:
    try:
        return FORMATS[name](text)
    except ValueError:
        return False
