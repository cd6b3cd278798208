"""A text that fits tests: a length, patterns, formats, and values that it must not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice, product
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion import words
from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import Format, Literally, Pattern, Signed, Size
from eventroute.registry.inclusion.outcome import NONE, Found, Open
from eventroute.registry.inclusion.span import Span

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


@dataclass(slots=True)
class _Wanted:
    span: Span = field(default_factory=Span)
    patterns: list[str] = field(default_factory=list[str])
    not_patterns: list[str] = field(default_factory=list[str])
    excluded: list[str] = field(default_factory=list[str])
    understood: list[Signed] = field(default_factory=list[Signed])
    sure: bool = True

    def note(self, test: Formula, sign: bool) -> None:
        match test:
            case Size():
                self.span.narrow(test, sign)
            case Pattern(text):
                (self.patterns if sign else self.not_patterns).append(text)
            case Format() if not sign:
                self.sure = False  # plain jsonschema refuses nothing for its format
            case Literally(values) if not sign:
                self.excluded.extend(text for text in values.values() if isinstance(text, str))
            case _:
                pass
        if isinstance(test, (Size, Pattern, Literally)) or (isinstance(test, Format) and sign):
            self.understood.append((test, sign))


def text_for(tests: dict[Formula, bool], budget: Budget) -> Outcome:
    """Find a text, a short one rather than another."""
    wanted = _Wanted()
    for test, sign in tests.items():
        wanted.note(test, sign)
    span = wanted.span
    matched = bool(wanted.patterns or wanted.not_patterns)
    found: str | bool | None = None
    if matched:
        found = words.shortest(span, wanted.patterns, wanted.not_patterns, wanted.excluded)
    if found is False or span.is_empty:
        return NONE
    if span.least > _LONGEST:
        return Open("a text would be very long")
    last = span.least + 2 if span.most is None else min(span.most, span.least + 2)
    first = [found] if isinstance(found, str) else []
    guessed = _candidates(range(span.least, last + 1), len(wanted.excluded))
    for text in chain(first, guessed):
        budget.spend()
        if Evaluation(text, budget).holds(wanted.understood):
            return Found(text, wanted.sure)
    if span.most == 0 and not matched:
        return NONE  # the empty text is excluded
    return Open("no text was found for the patterns" if matched else "no text was found")


def _candidates(lengths: range, more: int) -> Iterator[str]:
    """Texts of some lengths, and others that patterns often ask for."""
    for length in lengths:
        for letters in islice(product(ascii_lowercase, repeat=min(length, 3)), more + 2):
            yield "".join(letters).ljust(length, "a")
    yield from _GUESSES
    for length in lengths:
        for letter in "0A b-":
            yield letter * length
