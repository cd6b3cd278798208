"""Whether a dialect has a test just as it is, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.pattern.json_values import shown
from eventroute.pattern.narrow.forms import form
from eventroute.pattern.narrow.numbers import fits
from eventroute.pattern.operators import (
    AnythingBut,
    EqualsIgnoreCase,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern.narrow.dialect import Dialect, NumberLimits
    from eventroute.pattern.operators import Matcher

__all__ = ["ON_ARRIVAL", "Obstacle", "is_carried", "obstacle", "unseen"]

ON_ARRIVAL: Final = "nothing need be done, for the whole pattern is tested on arrival"

Obstacle: TypeAlias = tuple[str, str]
"""Why a dialect cannot carry something, and what to do about it."""


def is_carried(test: Matcher, dialect: Dialect) -> bool:
    """Tell whether the dialect has the test."""
    return obstacle(test, dialect) is None


def obstacle(test: Matcher, dialect: Dialect) -> Obstacle | None:
    """What keeps the dialect from carrying the test, or ``None`` if nothing does."""
    return next(_obstacles(test, dialect), None)


def unseen(path: str, dialect: Dialect) -> Obstacle | None:
    """Why the dialect does not see the member as it was published, or ``None`` if it does."""
    replaced = _replaced(path, dialect)
    if replaced is not None:
        return replaced
    top = path.partition(".")[0]
    of_all = dialect.members is None or top in dialect.members
    if of_all and not any(f"{path}.".startswith(f"{each}.") for each in dialect.hidden):
        return None
    return f"{dialect.name} does not see {path} as it was published", ON_ARRIVAL


def _obstacles(test: Matcher, dialect: Dialect) -> Iterator[Obstacle]:
    if form(test) not in dialect.forms:
        yield f"{dialect.name} has no {form(test)!r}", ON_ARRIVAL
    for each in test.excluded if isinstance(test, AnythingBut) else (test,):
        empty = isinstance(each, Prefix | Suffix) and not each.text
        if empty and (each is not test or not dialect.empty_affixes):
            yield (
                f"{dialect.name} is not known to take an empty {each.operator}",
                'write {"exists": true} where any value will do',
            )
        yield from _in_text(each, dialect)
    if dialect.numbers is not None:
        yield from _in_numbers(test, dialect.numbers)


def _in_text(test: Matcher, dialect: Dialect) -> Iterator[Obstacle]:
    match test:
        case Text(text) | EqualsIgnoreCase(text) | Prefix(text) | Suffix(text):
            written = text
        case Wildcard(segments):
            stars, most = len(segments) - 1, dialect.max_wildcard_stars
            if stars > most:
                yield (
                    f"{dialect.name} takes {most:,} stars in a wildcard, not {stars:,}",
                    "test a prefix or a suffix, or join neighbouring parts",
                )
            written = "".join(segments).replace("*", "\\*")
        case _:
            return
    replaced = _replaced(written, dialect)
    if replaced is not None:
        yield replaced
    unsafe = next((each for each in dialect.unsafe_characters if each in written), None)
    if unsafe is not None:
        yield (
            f"{dialect.name} needs {unsafe} escaped twice",
            "filter on the message body, or on a member without such characters",
        )


def _replaced(text: str, dialect: Dialect) -> Obstacle | None:
    found = next((each for each in dialect.replaced_characters if each in text), None)
    if found is None:
        return None
    return f"{dialect.name} does not see U+{ord(found):04X} as it was published", ON_ARRIVAL


def _in_numbers(test: Matcher, limits: NumberLimits) -> Iterator[Obstacle]:
    match test:
        case Number(number):
            numbers: list[int | float | None] = [number]
        case Range():
            numbers = [test.above, test.below]
        case AnythingBut(excluded):
            numbers = [each.number for each in excluded if isinstance(each, Number)]
        case _:
            return
    given = [each for each in numbers if each is not None]
    wrong = next((each for each in given if not fits(each, limits)), None)
    if wrong is not None:
        span = f"{limits.low:,} and {limits.high:,} with {limits.decimals} decimals"
        yield f"{shown(wrong)} is not between {span}", ON_ARRIVAL
    if limits.compares_beyond:
        return
    if isinstance(test, AnythingBut) and given:
        yield f"a number close to {shown(given[0])} may be taken for it", ON_ARRIVAL
    if isinstance(test, Range):
        if None in numbers:
            yield (
                f"numbers below {limits.low:,} or above {limits.high:,} may not be compared",
                "give the range two bounds",
            )
        if test.above_open or test.below_open:
            yield "a number close to a bound may be taken for the bound", "use >= and <="
