"""Write an expression for Python's ``re``, with the meaning that ECMA-262 gives it."""

from __future__ import annotations

import re

from eventroute.registry.regular.character_sets import ALL, CharacterSet
from eventroute.registry.regular.syntax import Ahead, Choice, End, Loop, One, Part, Sequence, Start

__all__ = ["python_pattern"]


def python_pattern(part: Part) -> str:
    """Return the expression for ``re.search``."""
    match part:
        case One():
            text = _class(part.characters)
        case Start():
            text = r"\A"
        case End():
            text = r"\Z"
        case Ahead():
            text = f"(?{'=' if part.wanted else '!'}{python_pattern(part.part)})"
        case Sequence():
            text = "".join(map(_grouped, part.parts))
        case Choice():
            text = "|".join(map(python_pattern, part.parts))
        case Loop():
            most = "" if part.most is None else part.most
            text = f"(?:{python_pattern(part.part)}){{{part.least},{most}}}"
    return text


def _grouped(part: Part) -> str:
    text = python_pattern(part)
    return f"(?:{text})" if isinstance(part, Choice) else text


def _class(characters: CharacterSet) -> str:
    if not characters:
        return "(?!)"
    if characters == ALL:
        return "(?s:.)"
    if len(characters) == 1 and characters[0][0] == characters[0][1]:
        return re.escape(chr(characters[0][0]))
    return "[" + "".join(_range(first, last) for first, last in characters) + "]"


def _range(first: int, last: int) -> str:
    low, high = f"\\U{first:08x}", f"\\U{last:08x}"
    return low if first == last else f"{low}-{high}"
