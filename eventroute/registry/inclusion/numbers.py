"""A number that fits tests: bounds, multiples, and values that it must not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import Limit, Literally, Multiple, Whole
from eventroute.registry.inclusion.outcome import NONE, Found, Open
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.outcome import Outcome

__all__ = ["forms", "number_for"]

_TRIES: Final = 2_000


@dataclass(slots=True)
class _Range:
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    step: Fraction | None = None
    written: bool | None = None
    """Whether it must (not) be written as a whole number."""
    not_steps: list[Fraction] = field(default_factory=list[Fraction])

    def above(self, limit: Fraction, exclusive: bool) -> None:
        if self.low is None or (limit, exclusive) > (self.low, self.low_open):
            self.low, self.low_open = limit, exclusive

    def below(self, limit: Fraction, exclusive: bool) -> None:
        if self.high is None or (-limit, exclusive) > (-self.high, self.high_open):
            self.high, self.high_open = limit, exclusive

    def whole(self, sign: bool) -> None:
        self.written = sign
        if sign:
            self.multiple(Fraction(1))

    def multiple(self, step: Fraction) -> None:
        if self.step is not None:
            numerator = lcm(self.step.numerator, step.numerator)
            step = Fraction(numerator, gcd(self.step.denominator, step.denominator))
        self.step = step


def number_for(tests: dict[Formula, bool], budget: Budget) -> Outcome:
    """Find a number, a plain one rather than another."""
    wanted = _range(tests)
    if wanted is None:
        return NONE
    low, high = wanted.low, wanted.high
    if (
        low is not None
        and high is not None
        and (low > high or (low == high and (wanted.low_open or wanted.high_open)))
    ):
        return NONE
    if wanted.step is not None:
        return _multiple(wanted, wanted.step, tests, budget)
    if low is not None and low == high:
        return _first(iter([low]), wanted, tests, budget) or NONE
    candidates = _plain(low, high)
    found = _first(candidates, wanted, tests, budget)
    return found or Open("no number was found between the bounds")


def _range(tests: dict[Formula, bool]) -> _Range | None:
    """What the tests come to; ``None`` where no number fits."""
    wanted = _Range()
    for test, sign in tests.items():
        match test:
            case Limit(limit, upper, exclusive):
                if upper is sign:
                    wanted.below(limit, exclusive if sign else not exclusive)
                else:
                    wanted.above(limit, exclusive if sign else not exclusive)
            case Multiple(step) if sign:
                wanted.multiple(step)
            case Multiple(step):
                wanted.not_steps.append(step)
            case Whole(True):
                if wanted.written is not sign and wanted.written is not None:
                    return None
                wanted.whole(sign)
            case Whole() if sign:
                wanted.multiple(Fraction(1))
            case Whole():
                wanted.not_steps.append(Fraction(1))
            case _:
                pass
    return wanted


def _multiple(
    wanted: _Range, step: Fraction, tests: dict[Formula, bool], budget: Budget
) -> Outcome:
    """Search among the multiples of a step: those that are of others come at equal distances."""
    if any((step / other).denominator == 1 for other in wanted.not_steps):
        return NONE
    first = None if wanted.low is None else ceil(wanted.low / step)
    last = None if wanted.high is None else floor(wanted.high / step)
    if first is not None and wanted.low_open and first * step == wanted.low:
        first += 1
    if last is not None and wanted.high_open and last * step == wanted.high:
        last -= 1
    if first is not None and last is not None and first > last:
        return NONE
    if (first is None or first <= 0) and (last is None or last >= 0):
        counts = _outwards(0, first, last)
    elif first is not None and first > 0:
        counts = _outwards(first, first, last)
    else:
        counts = _outwards(last or 0, first, last)
    found = _first((count * step for count in counts), wanted, tests, budget)
    if found:
        return found
    if first is not None and last is not None and last - first < _TRIES:
        return NONE if _exact(first * step, last * step, step) else Open("a number is too fine")
    return Open("no multiple was found between the bounds")


def _exact(low: Fraction, high: Fraction, step: Fraction) -> bool:
    """Whether every multiple between the bounds can be written as a double."""
    count = int((high - low) / step)
    return all(_written(low + index * step, None) is not None for index in range(count + 1))


def _outwards(start: int, first: int | None, last: int | None) -> Iterator[int]:
    yield start
    for distance in range(1, _TRIES + 1):
        for count in (start + distance, start - distance):
            if (first is None or count >= first) and (last is None or count <= last):
                yield count


def _plain(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Numbers between the bounds or at them: zero, whole ones, halves, then finer ones."""
    for text in ("0", "1", "-1", "0.5", "2", "-0.5", "1.5"):
        yield Fraction(text)
    if low is None and high is None:
        for count in range(2, _TRIES):
            yield Fraction(count)
            yield Fraction(count * 2 + 1, 2)
            yield Fraction(count * 7 + 1, 10)
        return
    start = low if low is not None else high
    end = high if low is not None else None
    assert start is not None  # noqa: S101  one of them is a bound
    direction = 1 if low is not None else -1
    width = end - start if end is not None else None
    whole = Fraction(ceil(start) if direction > 0 else floor(start))
    for count in range(_TRIES // 4):
        for part in (Fraction(0), Fraction(1, 2), Fraction(1, 10), Fraction(3, 8)):
            candidate = whole + direction * (count + part)
            if width is None or direction * (candidate - start) <= width:
                yield candidate
    yield start
    if end is not None and width is not None:
        yield end
        for parts in (2, 3, 5, 7, 10, 100, 1000):
            for count in range(1, min(parts, 40)):
                between = start + width * count / parts
                yield between
                yield Fraction(repr(float(between)))


def _first(
    candidates: Iterator[Fraction], wanted: _Range, tests: dict[Formula, bool], budget: Budget
) -> Outcome | None:
    literal = [(test, sign) for test, sign in tests.items() if isinstance(test, _UNDERSTOOD)]
    for candidate in candidates:
        budget.spend()
        value = _written(candidate, wanted.written)
        if value is not None and Evaluation(value, budget).holds(literal):
            return Found(value)
    return None


_UNDERSTOOD: Final = (Limit, Literally, Multiple, Whole)


def forms(value: Any, most: int) -> list[object]:  # noqa: ANN401  any JSON value
    """A value with each of its whole numbers as ``1`` and as ``1.0``; none for more than most."""
    if is_array(value) or is_object(value):
        parts = list(value.values()) if is_object(value) else value
        found: list[list[object]] = [[]]
        for part in parts:
            others = forms(part, most)
            if len(found) * len(others) > most:
                return []
            found = [[*start, other] for start in found for other in others]
        if is_object(value):
            return [dict(zip(value, members, strict=True)) for members in found]
        return [*found]
    other: object = None
    if isinstance(value, float) and value.is_integer():
        other = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        other = _written(Fraction(value), False)
    return [value] if other is None else [value, other]


def _written(number: Fraction, whole: bool | None) -> int | float | None:
    """The number as JSON, if it can be written so; as ``1.0`` where it must not be whole."""
    if number.denominator == 1 and whole is not False:
        return int(number)
    try:
        double = float(number)
    except OverflowError:
        return None
    return double if Fraction(repr(double)) == number else None
