"""Sets of code points, as ascending ranges that neither touch nor overlap."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ALL",
    "DIGITS",
    "LAST",
    "LINE_ENDS",
    "NONE",
    "SPACES",
    "WORDS",
    "CharacterSet",
    "complement",
    "has",
    "intersection",
    "of_category",
    "overlap",
    "union",
]

CharacterSet = tuple[tuple[int, int], ...]
"""First and last code point of each range."""

LAST: Final = 0x10FFFF
ALL: Final[CharacterSet] = ((0, LAST),)
NONE: Final[CharacterSet] = ()


def union(ranges: Iterable[tuple[int, int]]) -> CharacterSet:
    """Put ranges in order, and join those that touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def complement(characters: CharacterSet) -> CharacterSet:
    """All other code points."""
    gaps: list[tuple[int, int]] = []
    free = 0
    for first, last in characters:
        if free < first:
            gaps.append((free, first - 1))
        free = last + 1
    if free <= LAST:
        gaps.append((free, LAST))
    return tuple(gaps)


def intersection(left: CharacterSet, right: CharacterSet) -> CharacterSet:
    """Code points of both."""
    common: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first = max(left[i][0], right[j][0])
        last = min(left[i][1], right[j][1])
        if first <= last:
            common.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(common)


def overlap(left: CharacterSet, right: CharacterSet) -> bool:
    """Whether a code point lies in both."""
    return bool(intersection(left, right))


def has(characters: CharacterSet, code: int) -> bool:
    """Whether a code point is in the set."""
    place = bisect_right(characters, (code, LAST)) - 1
    return place >= 0 and code <= characters[place][1]


# ECMA-262, "CharacterClassEscape": ASCII alone, but every white space of Unicode.
DIGITS: Final = union([(0x30, 0x39)])
WORDS: Final = union([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
LINE_ENDS: Final = union([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
SPACES: Final = union(
    (ord(first), ord(last))
    for first, last in (
        ("\t", "\r"),
        (" ", " "),
        ("\u00a0", "\u00a0"),
        ("\u1680", "\u1680"),
        ("\u2000", "\u200a"),
        ("\u2028", "\u2029"),
        ("\u202f", "\u202f"),
        ("\u205f", "\u205f"),
        ("\u3000", "\u3000"),
        ("\ufeff", "\ufeff"),
    )
)


def of_category(name: str) -> CharacterSet | None:
    """Code points of a general category of Unicode, such as ``L`` or ``Lu``; ``None`` if none."""
    found = [ranges for known, ranges in _categories().items() if known.startswith(name)]
    return union(pair for ranges in found for pair in ranges) if found and name else None


@lru_cache(maxsize=1)
def _categories() -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    start, current = 0, category(chr(0))
    for code in range(1, LAST + 2):
        following = category(chr(code)) if code <= LAST else ""
        if following != current:
            found.setdefault(current, []).append((start, code - 1))
            start, current = code, following
    return found
