"""Which of many leaves came nearest to passing a test."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators.affix import Prefix, Suffix
from eventroute.pattern.operators.cidr import CIDR, read_address
from eventroute.pattern.operators.exact import Literal, Number, Text
from eventroute.pattern.operators.ignore_case import EqualsIgnoreCase
from eventroute.pattern.operators.likeness import likeness
from eventroute.pattern.operators.numbers import as_number
from eventroute.pattern.operators.numeric import Range
from eventroute.pattern.operators.wildcard import Wildcard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.operators import Matcher

__all__ = ["NearestValues"]

_MOST_RANKED: Final = 100_000
_FEWEST_RANKED: Final = 10
_MOST_SPELLED: Final = 100
_LONGEST_SPELLED: Final = 64

# Of the right type is nearer than of another one, and the same text in another type nearer still.
_ALIKE: Final = 0.0
_SAME_TEXT: Final = 1.0
_SAME_TYPE: Final = 2.0
_OTHER_TYPE: Final = 3.0
_NULL: Final = 4.0


class NearestValues:
    """Ranks leaves, within a bound for all that one explanation asks for."""

    def __init__(self) -> None:
        self._left = _MOST_RANKED

    def of(self, test: Matcher, values: Sequence[Scalar]) -> tuple[Scalar, int]:
        """The nearest of leaves that all fail a test, and how many of them were looked at.

        :param values: at least one.
        """
        looked_at = values[: max(_FEWEST_RANKED, self._left)]
        self._left -= len(looked_at)
        nearest = min(looked_at, key=lambda value: _distance(test, value))
        if isinstance(test, Text | EqualsIgnoreCase) and self._left > 0:
            self._left -= _MOST_SPELLED
            if isinstance(nearest, str) and likeness(test.text, nearest) is None:
                nearest = _spelled_nearest(test.text, looked_at) or nearest
        return nearest, len(looked_at)


def _spelled_nearest(text: str, values: Sequence[Scalar]) -> str | None:
    if len(text) > _LONGEST_SPELLED:
        return None
    short = (each for each in values if isinstance(each, str) and len(each) <= _LONGEST_SPELLED)
    return next(iter(get_close_matches(text, list(islice(short, _MOST_SPELLED)), n=1)), None)


def _distance(test: Matcher, value: Scalar) -> tuple[float, float]:
    if value is None:
        return _NULL, 0
    if isinstance(test, Number | Range):
        return _from_numbers(test, value)
    if isinstance(test, Literal):
        same = value == json.dumps(test.literal)
        other = _SAME_TYPE if isinstance(value, bool) else _OTHER_TYPE
        return (_SAME_TEXT if same else other), 0
    if isinstance(value, str):
        return _from_text(test, value)
    same = isinstance(test, Text | EqualsIgnoreCase) and json.dumps(value) == test.text
    return (_SAME_TEXT if same else _OTHER_TYPE), 0


def _from_numbers(test: Number | Range, value: Scalar) -> tuple[float, float]:
    number = as_number(value)
    if number is None:
        same = isinstance(test, Number) and value == json.dumps(test.number)
        return (_SAME_TEXT if same else _OTHER_TYPE), 0
    bounds = (test.number,) if isinstance(test, Number) else (test.above, test.below)
    try:
        return _SAME_TYPE, min(abs(float(number - bound)) for bound in bounds if bound is not None)
    except OverflowError:
        return _SAME_TYPE, float("inf")


def _from_text(test: Matcher, value: str) -> tuple[float, float]:
    match test:
        case Text() | EqualsIgnoreCase():
            ignore_case = isinstance(test, EqualsIgnoreCase)
            alike = likeness(test.text, value, ignore_case=ignore_case) is not None
            return (_ALIKE if alike else _SAME_TYPE), 0
        case Prefix() | Suffix():
            alike = replace(test, ignore_case=True).matches(value)
            return (_ALIKE if alike else _SAME_TYPE), 0
        case Wildcard():
            folded = Wildcard(tuple(segment.casefold() for segment in test.segments))
            return (_ALIKE if folded.matches(value.casefold()) else _SAME_TYPE), 0
        case CIDR():
            address = read_address(value)
            if address is None or address[0] != test.version:
                return _SAME_TYPE, float("inf") if address is None else 1e40
            return _SAME_TYPE, float(abs(address[1] - test.network))
        case _:
            return _SAME_TYPE, 0
