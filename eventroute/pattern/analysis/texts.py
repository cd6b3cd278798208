"""Tests of strings, compared by what they know of a string's letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import (
    CIDR,
    EqualsIgnoreCase,
    Prefix,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from eventroute.pattern.operators import Matcher

__all__ = ["is_text_test", "longest", "shortest", "texts_apart", "texts_within"]

# Half surrogate pairs, which no pattern can hold, so that no test can ask for one of them.
_ANY_RUN: Final = "\ud800"
_SOME_LETTER: Final = "\ud801"

_V4_LETTERS: Final = frozenset("0123456789.")
_V6_LETTERS: Final = frozenset("0123456789abcdefABCDEF:")


def is_text_test(test: Matcher) -> bool:
    """Tell whether only strings pass, and this module knows which."""
    return isinstance(test, CIDR | EqualsIgnoreCase | Prefix | Suffix | Text | Wildcard)


def texts_within(test: Matcher, other: Matcher) -> bool:
    """Tell whether every string that passes one test surely passes the other."""
    # Whatever a run stands for, the other test accepts it only where one of its stars takes it.
    if other.matches(_skeleton(test)):
        return True
    text, wanted = _spelled(test), _spelled(other)
    if text is None or wanted is None:
        return False
    match test, other:
        case EqualsIgnoreCase(), EqualsIgnoreCase():
            return len(text) == len(wanted) and _letters_within(text, wanted)
        case (EqualsIgnoreCase() | Prefix(), Prefix()):
            return len(text) >= len(wanted) and _letters_within(text[: len(wanted)], wanted)
        case (EqualsIgnoreCase() | Suffix(), Suffix()):
            start = len(text) - len(wanted)
            return start >= 0 and _letters_within(text[start:], wanted)
        case _:
            return False


def texts_apart(test: Matcher, other: Matcher) -> bool:
    """Tell whether surely no string passes both tests."""
    for one, two in ((test, other), (other, test)):
        most = longest(one)
        if most is not None and most < shortest(two):
            return True
        if isinstance(one, CIDR) and _beyond_addresses(one, two):
            return True
    return _differ(_head(test), _head(other)) or _differ(
        _backwards(_tail(test)), _backwards(_tail(other))
    )


def shortest(test: Matcher) -> int:
    """The least number of characters of a string that passes."""
    match test:
        case Text(text):
            return len(text)
        case Prefix(text, ignore_case) | Suffix(text, ignore_case) if not ignore_case:
            return len(text)
        case EqualsIgnoreCase(text) | Prefix(text) | Suffix(text):
            return sum(min(map(len, _spellings(letter))) for letter in text)
        case Wildcard(segments):
            return sum(map(len, segments))
        case CIDR():
            return 2
        case _:
            return 0


def longest(test: Matcher) -> int | None:
    """The greatest number of characters of a string that passes; ``None`` without a limit."""
    match test:
        case Text(text) | Wildcard((text,)):
            return len(text)
        case EqualsIgnoreCase(text):
            return sum(max(map(len, _spellings(letter))) for letter in text)
        case CIDR(version):
            return 15 if version == 4 else 39
        case _:
            return None


def _beyond_addresses(block: CIDR, other: Matcher) -> bool:
    """Whether the other test wants a letter that no address of that version has."""
    letters = _V4_LETTERS if block.version == 4 else _V6_LETTERS
    match other:
        case Wildcard(segments):
            return any(letter not in letters for segment in segments for letter in segment)
        case EqualsIgnoreCase(text) | Prefix(text, True) | Suffix(text, True):
            return any(letters.isdisjoint(_spellings(letter)) for letter in text)
        case Prefix(text) | Suffix(text):
            return any(letter not in letters for letter in text)
        case _:
            return False


def _skeleton(test: Matcher) -> str:
    match test:
        case Text(text):
            return text
        case EqualsIgnoreCase(text):
            return _caseless(text)
        case Prefix(text, ignore_case):
            return (_caseless(text) if ignore_case else text) + _ANY_RUN
        case Suffix(text, ignore_case):
            return _ANY_RUN + (_caseless(text) if ignore_case else text)
        case Wildcard(segments):
            return _ANY_RUN.join(segments)
        case _:
            return _ANY_RUN


def _caseless(text: str) -> str:
    letters: list[str] = []
    for letter in text:
        spellings = _spellings(letter)
        letters += spellings if len(spellings) == 1 else (_SOME_LETTER,)
    return "".join(letters)


def _spelled(test: Matcher) -> str | None:
    match test:
        case EqualsIgnoreCase(text) | Prefix(text, True) | Suffix(text, True):
            return text
        case _:
            return None


def _letters_within(text: str, wanted: str) -> bool:
    return all(
        letter == other or _spellings(letter) <= _spellings(other)
        for letter, other in zip(text, wanted, strict=True)
    )


def _spellings(letter: str) -> frozenset[str]:
    """As `operators.spelling` has it."""
    if ord(letter) > 0xFFFF:
        return frozenset((letter,))
    return frozenset((letter.lower(), letter.upper()))


def _head(test: Matcher) -> tuple[str, bool]:
    """The text that surely begins the string, and whether its case is open."""
    match test:
        case Prefix(text, ignore_case):
            return text, ignore_case
        case EqualsIgnoreCase(text):
            return text, True
        case Wildcard(segments):
            return segments[0], False
        case _:
            return "", False


def _tail(test: Matcher) -> tuple[str, bool]:
    """The text that surely ends the string, and whether its case is open."""
    match test:
        case Suffix(text, ignore_case):
            return text, ignore_case
        case EqualsIgnoreCase(text):
            return text, True
        case Wildcard(segments):
            return segments[-1], False
        case _:
            return "", False


def _backwards(side: tuple[str, bool]) -> tuple[str, bool]:
    return side[0][::-1], side[1]


def _differ(one: tuple[str, bool], two: tuple[str, bool]) -> bool:
    for letter, other in zip(one[0], two[0], strict=False):
        letters, others = _possible(letter, one[1]), _possible(other, two[1])
        if any(len(spelling) > 1 for spelling in (*letters, *others)):
            return False  # from here on, the places no longer correspond
        if letters.isdisjoint(others):
            return True
    return False


def _possible(letter: str, ignore_case: bool) -> frozenset[str]:
    return _spellings(letter) if ignore_case else frozenset((letter,))
