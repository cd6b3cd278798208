"""``{"cidr": "10.0.0.0/24"}``: addresses in a block, IPv4 or IPv6."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from eventroute.errors import PatternError
from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.matcher import string_operand, wants_string

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["CIDR", "parse_cidr", "read_address"]

# Leading zeros are decimal, and the text has at most 15 characters, as in Java's reading.
_V4: Final = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)")
_V6: Final = re.compile(r"[0-9A-Fa-f:]{2,39}")


@dataclass(frozen=True, slots=True)
class CIDR:
    """A string that is an address of the block.

    :ivar version: 4 or 6; addresses of the other version never match.
    :ivar network: the lowest address, as a number.
    :ivar bits: how many leading bits are fixed.
    """

    version: Literal[4, 6]
    network: int
    bits: int
    block: str
    operator: ClassVar[str] = "cidr"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        address = read_address(value) if isinstance(value, str) else None
        if address is None or address[0] != self.version:
            return False
        free = (32 if self.version == 4 else 128) - self.bits
        return address[1] >> free == self.network >> free

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        reason = wants_string(self.operator, value)
        if reason is None and isinstance(value, str):
            address = read_address(value)
            if address is None:
                reason = f"{shown(value)} is no IP address"
            elif address[0] != self.version:
                reason = f"{shown(value)} is IPv{address[0]}, the block is IPv{self.version}"
        return reason or f"{shown(value)} is outside {self.block}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return {self.operator: self.block}


def parse_cidr(operand: JSON, place: str, _limits: PatternLimits) -> CIDR:
    """Read ``{"cidr": "address/bits"}``.

    :raises PatternError: no address, no length, or a length that leaves a single address.
    """
    block = string_operand("cidr", operand, place)
    text, slash, length = block.partition("/")
    address = read_address(text)
    if not slash or address is None:
        raise PatternError(
            f"{shown(block)} is no block of addresses; write '10.0.0.0/24' or '2001:db8::/32'",
            pointer=place,
        )
    version, number = address
    most = 31 if version == 4 else 127
    if not re.fullmatch("[0-9]{1,3}", length) or int(length) > most:
        raise PatternError(
            f"the length in {shown(block)} must be from 0 to {most} for IPv{version}; "
            "write a single address as a bare string",
            pointer=place,
        )
    free = most + 1 - int(length)
    return CIDR(version, number >> free << free, int(length), block)


def read_address(text: str) -> tuple[Literal[4, 6], int] | None:
    """Version and number of an address, or ``None`` where the text is none."""
    if len(text) <= 15 and (match := _V4.fullmatch(text)):
        parts = [int(part) for part in match.groups()]
        return (4, int.from_bytes(bytes(parts), "big")) if max(parts) < 256 else None
    if _V6.fullmatch(text):
        from ipaddress import IPv6Address  # noqa: PLC0415  few programs need it

        try:
            return 6, int(IPv6Address(text))
        except ValueError:
            return None
    return None
