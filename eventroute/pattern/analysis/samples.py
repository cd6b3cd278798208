"""Leaves that pass a test, and others that nearly do."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import (
    CIDR,
    AnythingBut,
    EqualsIgnoreCase,
    Literal,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.operators import Matcher

__all__ = ["samples"]

_COMMON: Final[tuple[Scalar, ...]] = (None, True, False, 0, "", "x", 0.5)


def samples(tests: Iterable[Matcher], most: int = 64) -> list[Scalar]:
    """Leaves around the tests, each once, and some of every type."""
    # In a dictionary, 1 and True would be one key.
    found: dict[tuple[type, Scalar], Scalar] = {}
    for leaf in _around_all(tests):
        found.setdefault((type(leaf), leaf), leaf)
        if len(found) >= most:
            break
    found.update({(type(leaf), leaf): leaf for leaf in _COMMON})
    return list(found.values())


def _around_all(tests: Iterable[Matcher]) -> Iterator[Scalar]:
    for test in tests:
        if isinstance(test, AnythingBut):
            yield from _around_all(test.excluded)
        else:
            with suppress(OverflowError):
                yield from _around(test)


def _around(test: Matcher) -> Iterator[Scalar]:
    match test:
        case Text(text):
            yield from (text, f"{text}x", f"x{text}", *_recased(text))
        case Number(number):
            yield from _near(number)
        case Literal(literal):
            yield literal
        case EqualsIgnoreCase(text) | Prefix(text) | Suffix(text):
            yield from (text, *_recased(text), f"{text}x", f"x{text}")
        case Wildcard(segments):
            yield from ("".join(segments), "x".join(segments), "".join(segments[:-1]))
        case Range(above, _, below, _):
            if above is not None and below is not None:
                yield above / 2 + below / 2
            yield from _near(above)
            yield from _near(below)
        case CIDR():
            yield from _addresses(test)
        case _:
            return


def _addresses(block: CIDR) -> Iterator[Scalar]:
    address, size = (IPv4Address, 32) if block.version == 4 else (IPv6Address, 128)
    last = block.network + (1 << (size - block.bits)) - 1
    for number in (block.network, last, last + 1):
        if number < 1 << size:
            yield str(address(number))


def _recased(text: str) -> tuple[str, str]:
    lower = "".join(letter if ord(letter) > 0xFFFF else letter.lower() for letter in text)
    upper = "".join(letter if ord(letter) > 0xFFFF else letter.upper() for letter in text)
    return lower, upper


def _near(number: float | None) -> Iterator[Scalar]:
    if number is None:
        return
    yield number
    for other in (number + 1, number - 1, nextafter(number, inf), nextafter(number, -inf)):
        if isfinite(other):
            yield other
