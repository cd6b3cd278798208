"""The strongest test of a dialect that passes wherever a given test does."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from eventroute.pattern.narrow.carried import is_carried
from eventroute.pattern.narrow.numbers import hull, widened
from eventroute.pattern.operators import (
    AnythingBut,
    EqualsIgnoreCase,
    Exists,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eventroute.pattern.narrow.dialect import Dialect
    from eventroute.pattern.operators import Matcher

__all__ = ["strongest", "summary"]


def strongest(test: Matcher, dialect: Dialect) -> tuple[Matcher | None, bool]:
    """The strongest weaker test, and whether it says the same.

    :returns: ``Exists(True)`` where the dialect can only ask for some value, and ``None`` where
        it cannot even do that.
    """
    if is_carried(test, dialect):
        return test, True
    others = (each for each in _weaker(test, dialect) if each[0] != test)
    for weaker, same in others:
        found, kept = strongest(weaker, dialect)
        if found is not None and not isinstance(found, Exists):
            return found, same and kept
    some = Exists(True)
    return (some if is_carried(some, dialect) else None), False


def summary(tests: Sequence[Matcher]) -> Matcher:
    """One test that passes wherever one of several does."""
    numbers = [test for test in tests if isinstance(test, Number | Range)]
    if len(numbers) == len(tests):
        return hull(numbers)
    for affix, step in ((Prefix, 1), (Suffix, -1)):
        texts = [
            test.text
            for test in tests
            if isinstance(test, Text) or (isinstance(test, affix) and not test.ignore_case)
        ]
        shared = _shared_start([text[::step] for text in texts])[::step]
        if shared and len(texts) == len(tests):
            return affix(shared)
    return Exists(True)


def _weaker(test: Matcher, dialect: Dialect) -> Iterator[tuple[Matcher, bool]]:
    """Tests that ask for less, the strongest first, each with whether it asks for the same.

    Each is simpler than the test, so that weakening ends.
    """
    match test:
        case Wildcard():
            yield from _without_stars(test)
            yield from _with_fewer_stars(test, dialect.max_wildcard_stars)
            yield from _longest_first(Prefix(test.segments[0]), Suffix(test.segments[-1]))
        case Text(text):
            yield from _longest_first(_safe_prefix(text, dialect), _safe_suffix(text, dialect))
        case EqualsIgnoreCase(text):
            if _caseless(text) == text:
                yield Text(text), True
            yield Prefix(text, ignore_case=True), False
            yield Suffix(text, ignore_case=True), False
        case Prefix(text, ignore_case):
            start = _caseless(text) if ignore_case else text
            yield Prefix(start), start == text
            yield _safe_prefix(start, dialect), False
        case Suffix(text, ignore_case):
            end = _caseless(text[::-1])[::-1] if ignore_case else text
            yield Suffix(end), end == text
            yield _safe_suffix(end, dialect), False
        case Number() | Range():
            wider = None if dialect.numbers is None else widened(test, dialect.numbers)
            if wider is not None and wider != test:
                yield wider, False
        case AnythingBut():
            yield from _excluding_less(test, dialect)
        case _:
            return


def _without_stars(test: Wildcard) -> Iterator[tuple[Matcher, bool]]:
    match test.segments:
        case (text,):
            yield Text(text), True
        case (text, ""):
            yield Prefix(text), True
        case ("", text):
            yield Suffix(text), True
        case _:
            return


def _with_fewer_stars(test: Wildcard, most: int) -> Iterator[tuple[Matcher, bool]]:
    first, *middle, last = test.segments
    if 0 < most <= len(middle):
        by_length = sorted(range(len(middle)), key=lambda place: -len(middle[place]))
        kept = [middle[place] for place in sorted(by_length[: most - 1])]
        yield Wildcard((first, *kept, last)), False


def _longest_first(start: Prefix, end: Suffix) -> Iterator[tuple[Matcher, bool]]:
    ends: tuple[Matcher, Matcher] = (start, end)
    for affix in ends if len(start.text) >= len(end.text) else reversed(ends):
        yield affix, False


def _safe_prefix(text: str, dialect: Dialect) -> Prefix:
    unsafe = dialect.unsafe_characters + dialect.replaced_characters
    return Prefix("".join(takewhile(lambda each: each not in unsafe, text)))


def _safe_suffix(text: str, dialect: Dialect) -> Suffix:
    return Suffix(_safe_prefix(text[::-1], dialect).text[::-1])


def _shared_start(texts: Sequence[str]) -> str:
    pairs = zip(min(texts, default=""), max(texts, default=""), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _caseless(text: Iterable[str]) -> str:
    """The characters at the beginning that have no other case."""
    return "".join(takewhile(lambda each: each.lower() == each.upper() == each, text))


def _excluding_less(test: AnythingBut, dialect: Dialect) -> Iterator[tuple[Matcher, bool]]:
    parts = [part for each in test.excluded for part in _parts(each)]
    for kind in dict.fromkeys(type(part) for part in parts):
        group = tuple(
            dict.fromkeys(
                part
                for part in parts
                if type(part) is kind and is_carried(AnythingBut((part,)), dialect)
            )
        )
        same = all(_as_text_or_affix(each) in group for each in test.excluded)
        for excluded in (group, group[:1]):
            if excluded and excluded != test.excluded:
                yield AnythingBut(excluded), same and excluded == group


def _parts(test: Matcher) -> Iterator[Matcher]:
    """Tests that pass on nothing but what the test passes on."""
    yield _as_text_or_affix(test)
    if isinstance(test, EqualsIgnoreCase):
        for spelling in (test.text, test.text.lower(), test.text.upper()):
            if test.matches(spelling):
                yield Text(spelling)


def _as_text_or_affix(test: Matcher) -> Matcher:
    if isinstance(test, Wildcard):
        return next((same for same, _ in _without_stars(test)), test)
    return test
