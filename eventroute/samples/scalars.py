"""Texts and numbers that fit the keywords of a schema."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Final

from eventroute.samples.errors import CannotMakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.samples.style import Style

__all__ = ["number", "text"]

_STEPS: Final = 20_000
_LONGEST: Final = 10_000
_ENDLESS: Final = (float("inf"), float("-inf"))
_FORMATS: Final[dict[str, str]] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT1H",
    "email": "user@example.com",
    "hostname": "example.com",
    "idn-email": "user@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "json-pointer": "/member",
    "regex": "^a",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/path",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def text(schema: Mapping[str, Any], style: Style, count: int) -> str:
    """A text that fits ``format``, ``pattern`` and the lengths.

    :param count: a number that makes it differ from others.
    :raises CannotMakeError: none was found.
    """
    least = int(schema.get("minLength", 0))
    most = int(schema.get("maxLength", max(least, _LONGEST)))
    if isinstance(schema.get("pattern"), str):
        return _fitting(schema["pattern"], least, schema.get("maxLength"))
    name = str(schema.get("format"))
    known = style.formats.get(name) or _FORMATS.get(name)
    if known is not None and least <= len(known) <= most:
        return known
    if least > min(most, _LONGEST):
        raise CannotMakeError
    plain = style.word if not count else f"{style.word}{count}"
    return (plain + "x" * (least - len(plain)))[-most:] if most else ""


def _fitting(pattern: str, least: int, most: int | None) -> str:
    from eventroute.errors import EffortSpentError, UnsupportedExpressionError  # noqa: PLC0415
    from eventroute.registry.regular import Language  # noqa: PLC0415  seldom needed

    try:
        language = Language.of(pattern) & Language.length(least, most)
        found = language.shortest(_STEPS)
    except (EffortSpentError, UnsupportedExpressionError):
        raise CannotMakeError from None
    if found is None:
        raise CannotMakeError
    return found


def number(schema: Mapping[str, Any], style: Style, count: int, *, whole: bool) -> int | float:
    """A number within the bounds, as near to 1 as they let it.

    :param count: what is added to it, to make it differ from others.
    :raises CannotMakeError: none was found.
    """
    factor = _read(schema.get("multipleOf")) or None
    step = factor or (Fraction(1) if whole else style.step)
    if whole and factor is not None:
        step = Fraction(factor.numerator)  # the least multiple of it that is whole
    wanted = max(Fraction(1), step)
    low, high = _bounds(schema, step)
    if low is not None and wanted < low:
        wanted = low
    if high is not None and wanted > high:
        wanted = high
    up = step * -floor(-wanted / step)
    wanted = up if high is None or up <= high else step * floor(wanted / step)
    wanted += step * count
    try:
        nearest = float(wanted)
    except OverflowError:  # no event could carry it
        raise CannotMakeError from None
    return int(wanted) if wanted.denominator == 1 else nearest


def _bounds(schema: Mapping[str, Any], step: Fraction) -> tuple[Fraction | None, Fraction | None]:
    low, high = _read(schema.get("minimum")), _read(schema.get("maximum"))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is True and low is not None:
        low += step
    elif (edge := _read(above)) is not None and (low is None or edge >= low):
        low = edge + step
    if below is True and high is not None:
        high -= step
    elif (edge := _read(below)) is not None and (high is None or edge <= high):
        high = edge - step
    return low, high


def _read(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value in _ENDLESS:
        return None
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))
