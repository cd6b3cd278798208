"""A text that fits tests: a length, patterns, formats, and values that it must not be."""

from __future__ import annotations

from itertools import islice, product
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion import words
from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import Format, Literally, Pattern, Size
from eventroute.registry.inclusion.outcome import NONE, Found, Open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.outcome import Outcome

__all__ = ["text_for"]

_LONGEST: Final = 20_000
_GUESSES: Final = (
    "",
    *("a", "A", "0", "1", "-", "_", ".", " ", "/", "b", "ab", "Ab", "a1", "aaa", "10", "0.5"),
    *("x-a", "a@b.c", "2020-01-01", "2020-01-01T00:00:00Z", "http://a.b/c", "1.2.3", "::1"),
    *("00000000-0000-0000-0000-000000000000", "127.0.0.1", "+1", "#000000", "\u00e9", "\n"),
)


def text_for(tests: dict[Formula, bool], budget: Budget) -> Outcome:
    """Find a text, a short one rather than another."""
    least, most = 0, None
    wanted: list[str] = []
    unwanted: list[str] = []
    excluded: list[str] = []
    formats: list[tuple[Formula, bool]] = []
    for test, sign in tests.items():
        match test:
            case Size(_, bound, upper):
                if upper is sign:
                    limit = bound if sign else bound - 1
                    most = limit if most is None else min(most, limit)
                else:
                    least = max(least, bound if sign else bound + 1)
            case Pattern(text):
                (wanted if sign else unwanted).append(text)
            case Format():
                formats.append((test, sign))
            case Literally(values) if not sign:
                excluded.extend(text for text in values.values() if isinstance(text, str))
            case _:
                pass
    if most is not None and least > most:
        return NONE
    fitting = [(t, s) for t, s in tests.items() if isinstance(t, (Size, Pattern, Literally))]
    sure = not formats
    if wanted or unwanted:
        found = words.shortest(least, most, wanted, unwanted, excluded)
        if found is False:
            return NONE
        if isinstance(found, str) and Evaluation(found, budget).holds(fitting):
            return Found(found, sure)
    elif least > _LONGEST:
        return Open("a text would be very long")
    lengths = range(least, least + 3) if most is None else range(least, min(most, least + 2) + 1)
    for text in _candidates(lengths, len(excluded)):
        budget.spend()
        if Evaluation(text, budget).holds(fitting):
            return Found(text, sure)
    if not wanted and not unwanted and most == 0:
        return NONE  # the empty text is excluded
    return Open("no text was found for the patterns" if wanted or unwanted else "no text was found")


def _candidates(lengths: range, more: int) -> Iterator[str]:
    """Texts of some lengths, and others that patterns often ask for."""
    for length in lengths:
        for letters in islice(product(ascii_lowercase, repeat=min(length, 3)), more + 2):
            yield "".join(letters).ljust(length, "a")
    yield from _GUESSES
    for length in lengths:
        for letter in "0A b-":
            yield letter * length
