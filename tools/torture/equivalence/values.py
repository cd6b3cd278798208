"""Names, texts and numbers that tend to break things, few enough to meet each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

__all__ = ["NAMES", "NUMBERS", "TEXTS", "Raw", "scalar", "value", "written"]

NAMES: Final = (
    *("a", "b", "c", "total", "items", "a.b", "detail", "source"),
    *("é", "日本", "", " ", "prefix", "$or", 'q"uote', "back\\slash", "new\nline", "_id"),
)
TEXTS: Final = (
    *("x", "X", "xy", "yx", "xyx", "", " ", "a*b", "x\\y", 'say "x"', "line\nline", "null", "1"),
    *("ß", "SS", "ẞ", "é", "E\u0301", "日本", "🎉", "\u017f", "\u212a", "İ", "ς", "\x00", "\uffff"),
    *("10.0.0.1", "10.1.2.3", "192.168.0.1", "010.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"),
)


class Raw(str):
    """JSON as it is spelled."""

    __slots__ = ()


NUMBERS: Final = tuple(
    Raw(text)
    for text in (
        *("0", "-0", "1", "1.0", "1e0", "-1", "2.5", "2.50", "100", "1000000", "-0.00001"),
        *("1000000000", "1000000001", "-1000000000.5", "9007199254740993", "9007199254740992.0"),
        *("100000000000000000000000", "1e23", "1E+23", "1e308", "0.1", "0.123456789", "5e-324"),
    )
)


def scalar(random: Random) -> object:
    """A text more often than a number, and these more often than the rest."""
    kind = random.random()
    if kind < 0.5:
        return random.choice(TEXTS)
    return random.choice(NUMBERS) if kind < 0.85 else random.choice((True, False, None))


def value(random: Random, depth: int = 3) -> object:
    """A value of JSON, perhaps empty."""
    kind = random.random()
    if depth == 0 or kind < 0.6:
        return scalar(random)
    several = range(random.randint(0, 3))
    if kind < 0.8:
        return [value(random, depth - 1) for _ in several]
    return {random.choice(NAMES): value(random, depth - 1) for _ in several}


def written(random: Random, it: object) -> str:
    """JSON text, with members in any order, texts escaped or not, and space here and there."""
    if isinstance(it, Raw):
        return str(it)
    if isinstance(it, list):
        return f"[{_joined(random, [written(random, one) for one in it])}]"
    if isinstance(it, dict):
        members: list[tuple[str, Any]] = list(it.items())
        random.shuffle(members)
        texts = [f"{written(random, name)}:{written(random, one)}" for name, one in members]
        return f"{{{_joined(random, texts)}}}"
    text = json.dumps(it, ensure_ascii=random.random() < 0.3)
    return text.replace("\uffff", r"\uffff")  # SQS carries it so alone


def _joined(random: Random, texts: list[str]) -> str:
    return random.choice((",", ",", ", ", " ,\n")).join(texts)
