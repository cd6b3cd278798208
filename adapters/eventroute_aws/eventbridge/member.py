"""What travels beside an event in one reserved member of its detail.

PutEvents gives every event an id of its own, and EventBridge reads the detail and writes it again:
order of members, white space and spelling of numbers may change on the way. So the member has what
it takes to restore the envelope byte for byte.
"""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import msgspec

from eventroute.pattern.narrow import MEMBER

__all__ = ["MEMBER", "Envelope", "Member", "clean", "orders_of", "restored", "write_json"]

_REPLACED: Final = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}

_EXACT: Final = 2**53
"""Integers beyond are not the same after they were read as a double."""

write_json: Final = msgspec.json.Encoder().encode
_write_sorted: Final = msgspec.json.Encoder(order="sorted").encode


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reserved member. What it has the default value of is left out.

    :ivar id: of the event.
    :ivar time: as the envelope writes it.
    :ivar headers: as :func:`eventroute_aws.message_attributes.write_headers` writes them: a text
        survives being rewritten.
    :ivar claim: pointer to the whole event, whose detail is left out.
    :ivar crc: CRC-32 of the detail's text.
    :ivar orders: names of the members of objects, in their order, where it is not the alphabet's.
    :ivar detail: the detail's text, where all that would not bring it back.
    :ivar around: the envelope's text before and after the detail, where it is not written as
        eventroute writes it.
    """

    id: str
    time: str = ""
    account: str = ""
    region: str = ""
    headers: str = ""
    claim: str = ""
    crc: int = 0
    orders: tuple[tuple[str, ...], ...] = ()
    detail: str | None = None
    around: tuple[str, str] | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope as eventroute writes it: these members, in this order."""

    version: str = "0"
    id: str
    detail_type: str = msgspec.field(name="detail-type")
    source: str
    account: str = ""
    time: str = ""
    region: str = ""
    resources: tuple[str, ...] = ()
    detail: msgspec.Raw


def clean(text: str) -> str:
    """The same with characters that SQS takes: those of XML 1.0."""
    if "\ufffe" in text or "\uffff" in text:
        return text.translate(_REPLACED)
    return text


def restored(detail: dict[str, Any], member: Member) -> tuple[bytes, bool]:
    """The text of a detail that came without it, and whether it is the one that was sent."""
    text = write_json(detail)
    if crc32(text) == member.crc:
        return text, True
    orders = {frozenset(names): names for names in member.orders}
    text = write_json(_ordered(detail, orders)) if orders else _write_sorted(detail)
    return text, crc32(text) == member.crc


def orders_of(detail: dict[str, Any], text: bytes) -> tuple[tuple[str, ...], ...] | None:
    """What brings a text back from its values; ``None`` where that needs the text itself.

    The values bring it back if it is compact, has no integers that a double cannot hold, and no two
    objects with the same members in different orders.
    """
    if write_json(detail) != text:
        return None
    orders: dict[frozenset[str], tuple[str, ...]] = {}
    pending: list[Any] = [detail]
    for value in pending:  # which grows meanwhile
        kind = type(value)
        if kind is dict:
            names = tuple(value)
            if orders.setdefault(frozenset(names), names) != names:
                return None
            pending += value.values()
        elif kind is list:
            pending += value
        elif (kind is int and not _is_exact(value)) or (kind is float and not _is_plain(value)):
            return None
    return tuple(names for names in orders.values() if list(names) != sorted(names))


def _is_exact(number: int) -> bool:
    return -_EXACT <= number <= _EXACT


def _is_plain(number: float) -> bool:
    """Whether everybody writes it alike: some leave ``.0`` out, or write exponents."""
    return not number.is_integer() and 1e-3 <= abs(number) < 1e7


def _ordered(value: Any, orders: dict[frozenset[str], tuple[str, ...]]) -> Any:  # noqa: ANN401  any JSON value
    """The same with its members in their order; recursion ends, as documents are not that deep."""
    if isinstance(value, dict):
        names = orders.get(frozenset(value)) or sorted(value)
        return {name: _ordered(value[name], orders) for name in names}
    if isinstance(value, list):
        return [_ordered(item, orders) for item in value]
    return value
