"""Write an expression for another matcher, with the meaning that ECMA-262 gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.character_sets import ALL, LAST, CharacterSet, intersection
from eventroute.registry.regular.syntax import Ahead, Choice, End, Loop, One, Part, Sequence, Start

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["plain_pattern", "python_pattern"]

_SCALARS: Final[CharacterSet] = ((0, 0xD7FF), (0xE000, LAST))


@dataclass(frozen=True, slots=True)
class _Signs:
    """How a matcher writes what others write otherwise."""

    start: str
    end: str
    one: Callable[[CharacterSet], str]


def python_pattern(part: Part) -> str:
    """Return the expression for Python's ``re.search``."""
    return _written(part, _PYTHON)


def plain_pattern(part: Part) -> str:
    """Return the expression in words that all matchers read alike, if ``$`` is the very end.

    :raises UnsupportedExpressionError: it looks ahead, or has a class without characters.
    """
    return _written(part, _PLAIN)


def _written(part: Part, signs: _Signs) -> str:
    match part:
        case One():
            text = signs.one(part.characters)
        case Start():
            text = signs.start
        case End():
            text = signs.end
        case Ahead():
            if signs is _PLAIN:
                raise UnsupportedExpressionError("…", "a lookahead")
            text = f"(?{'=' if part.wanted else '!'}{_written(part.part, signs)})"
        case Sequence():
            text = "".join(_grouped(inner, signs) for inner in part.parts)
        case Choice():
            text = "|".join(_written(inner, signs) for inner in part.parts)
        case Loop():
            most = "" if part.most is None else part.most
            text = f"(?:{_written(part.part, signs)}){{{part.least},{most}}}"
    return text


def _grouped(part: Part, signs: _Signs) -> str:
    text = _written(part, signs)
    return f"(?:{text})" if isinstance(part, Choice) else text


def _python_class(characters: CharacterSet) -> str:
    if not characters:
        return "(?!)"
    if characters == ALL:
        return "(?s:.)"
    if len(characters) == 1 and characters[0][0] == characters[0][1]:
        return re.escape(chr(characters[0][0]))
    return _class(characters, lambda code: f"\\U{code:08x}")


def _plain_class(characters: CharacterSet) -> str:
    text = intersection(characters, _SCALARS)
    if not text:
        raise UnsupportedExpressionError("…", "a class without characters")
    return _class(text, lambda code: ("\\" if chr(code) in "\\]^-[" else "") + chr(code))


def _class(characters: CharacterSet, sign: Callable[[int], str]) -> str:
    ranges = (
        sign(first) if first == last else f"{sign(first)}-{sign(last)}"
        for first, last in characters
    )
    return f"[{''.join(ranges)}]"


_PYTHON: Final = _Signs(r"\A", r"\Z", _python_class)
_PLAIN: Final = _Signs("^", "$", _plain_class)
