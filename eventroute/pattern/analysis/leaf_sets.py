"""Tests as sets of leaves: whether one lies within another, whether two have none in common.

Every function answers ``True`` only where it is certain. Absence is no leaf, so nothing here is
about ``{"exists": false}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.analysis.texts import is_text_test, texts_apart, texts_within
from eventroute.pattern.operators import (
    CIDR,
    AnythingBut,
    Exists,
    Literal,
    Number,
    Range,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.operators import Matcher

__all__ = ["apart", "covered", "is_exact", "only_leaf", "within"]


def within(test: Matcher, other: Matcher) -> bool:
    """Tell whether every leaf that passes the first test passes the second."""
    if test == other:
        return True
    if isinstance(test, Text | Number | Literal):
        return other.matches(only_leaf(test))
    match test, other:
        case _, Exists(present):
            return present and test != Exists(present=False)
        case _, AnythingBut(excluded) if not isinstance(test, Exists):
            return all(apart(test, each) for each in excluded)
        case (Exists() | AnythingBut(), _) | (_, Number() | Literal()):
            return False
        case _:
            return _texts_or_ranges_within(test, other)


def apart(test: Matcher, other: Matcher) -> bool:
    """Tell whether no leaf passes both tests."""
    for one, two in ((test, other), (other, test)):
        if isinstance(one, Text | Number | Literal):
            return not two.matches(only_leaf(one))
    match test, other:
        case (Exists(), _) | (_, Exists()) | (AnythingBut(), AnythingBut()):
            return False
        case (AnythingBut(excluded), sought) | (sought, AnythingBut(excluded)):
            return covered(sought, excluded)
        case (Range(), text) | (text, Range()):
            return is_text_test(text)
        case _:
            return is_text_test(test) and is_text_test(other) and texts_apart(test, other)


def covered(test: Matcher, others: Iterable[Matcher]) -> bool:
    """Tell whether every leaf that passes the test passes one of the others."""
    tests = tuple(others)
    return any(within(test, other) for other in tests) or any(
        _covered_around(test, other, (*tests[:place], *tests[place + 1 :]))
        for place, other in enumerate(tests)
        if isinstance(other, AnythingBut)
    )


def is_exact(test: Matcher) -> bool:
    """Tell whether a single leaf passes the test."""
    return isinstance(test, Text | Number | Literal)


def only_leaf(test: Text | Number | Literal) -> Scalar:
    """The leaf that passes a bare value."""
    if isinstance(test, Text):
        return test.text
    return test.number if isinstance(test, Number) else test.literal


def _covered_around(test: Matcher, around: AnythingBut, others: Sequence[Matcher]) -> bool:
    """Whether what ``anything-but`` leaves out of the test is met by the others."""
    return all(
        apart(test, excluded) or any(within(excluded, other) for other in others)
        for excluded in around.excluded
    )


def _texts_or_ranges_within(test: Matcher, other: Matcher) -> bool:
    match test, other:
        case Range(), Range():
            return _starts_in(test, other) and _ends_in(test, other)
        case (Range(), _) | (_, Range()):
            return False
        case CIDR(), CIDR():
            return test.bits >= other.bits and not _blocks_apart(test, other)
        case _:
            return is_text_test(test) and is_text_test(other) and texts_within(test, other)


def _starts_in(test: Range, other: Range) -> bool:
    if other.above is None:
        return True
    if test.above is None or test.above < other.above:
        return False
    return test.above > other.above or test.above_open or not other.above_open


def _ends_in(test: Range, other: Range) -> bool:
    if other.below is None:
        return True
    if test.below is None or test.below > other.below:
        return False
    return test.below < other.below or test.below_open or not other.below_open


def _blocks_apart(test: CIDR, other: CIDR) -> bool:
    if test.version != other.version:
        return True
    free = (32 if test.version == 4 else 128) - min(test.bits, other.bits)
    return test.network >> free != other.network >> free
