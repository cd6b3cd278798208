"""How much a matcher that tries one way after another may have to try: Python's ``re`` is one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.character_sets import has
from eventroute.registry.regular.parse import parse
from eventroute.registry.regular.syntax import Ahead, Choice, Loop, One, Part, Sequence

if TYPE_CHECKING:
    from eventroute.registry.regular.character_sets import CharacterSet

    _Ways: TypeAlias = dict[int, int]

__all__ = ["is_quick"]

_MOST: Final = 2_000_000
"""Visits to parts: about ten milliseconds."""
_SHORT: Final = 40
_ONE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_UNBOUNDED: Final = re.compile(r"[*+]|\{\d*,\d*\}")
_CHOICES: Final = re.compile(r"[?|]")
_REPEATED_GROUP: Final = re.compile(r"\)(?:[*+]|\{)")


def is_quick(pattern: str, text: str) -> bool:
    """Whether Python surely tells soon if an expression is found in a text."""
    repeats, worst = _at_worst(pattern, len(text))
    if not repeats and worst <= _MOST:
        return True
    # Python takes "{,2}" for a count, and ECMA-262, as which it is parsed, for characters.
    if len(text) > _SHORT or "{," in pattern:
        return False
    visits = _visits(pattern, text)
    return (worst if visits is None else visits) <= _MOST


@lru_cache(maxsize=4096)
def _at_worst(pattern: str, length: int) -> tuple[bool, int]:
    """Whether a group is repeated, and an estimate of visits, from the signs alone."""
    parts = _ONE.sub("x", pattern)
    unbounded = len(_UNBOUNDED.findall(parts))
    choices = len(_CHOICES.findall(parts.replace("(?", "(")))
    anchored = parts.startswith("^") and "|" not in parts
    starts = 1 if anchored else length + 1
    if _REPEATED_GROUP.search(parts):
        return True, starts * int((2 + unbounded + choices) ** (min(length, _SHORT) + 1))
    return False, starts * int((length + 1) ** min(unbounded, _SHORT)) * 2 ** min(choices, _SHORT)


@lru_cache(maxsize=1024)
def _visits(pattern: str, text: str) -> int | None:
    """Visits to the parts of an expression, from every place; ``None`` if it is not understood."""
    try:
        root = parse(pattern)
    except UnsupportedExpressionError:
        return None
    visits = _Visits(text)
    for start in range(len(text) + 1):
        visits.ways(root, start)
        if visits.count > _MOST:
            break
    return visits.count


class _Visits:
    """Counts the ways through an expression, as if each were tried to its end.

    :ivar count: visits so far, to all parts.
    """

    def __init__(self, text: str) -> None:
        self._text: Final = text
        # Of other characters, Python and ECMA-262 may say otherwise to which sets they belong.
        self._sure: Final = text.isascii() and text.isprintable()
        self._known: Final[dict[tuple[int, int], tuple[_Ways, int]]] = {}
        self.count = 0

    def ways(self, part: Part, start: int) -> _Ways:
        """How many ways lead through a part from a place, by the places where they end."""
        key = (id(part), start)
        known = self._known.get(key)
        if known is None:
            before, self.count = self.count, 0
            found = self._ways(part, start)
            known = self._known[key] = (found, self.count + 1)
            self.count = before
        self.count += known[1]
        return known[0]

    def _ways(self, part: Part, start: int) -> _Ways:
        match part:
            case One(characters):
                fits = start < len(self._text) and self._fits(characters, self._text[start])
                return {start + 1: 1} if fits else {}
            case Sequence(parts):
                ways = {start: 1}
                for inner in parts:
                    ways = _sum(*self._after(ways, inner))
                return ways
            case Choice(parts):
                return _sum(*(self.ways(inner, start) for inner in parts))
            case Loop():
                return self._looped(part, start)
            case Ahead(inner):
                self.ways(inner, start)
                return {start: 1}
            case _:
                return {start: 1}

    def _fits(self, characters: CharacterSet, character: str) -> bool:
        return not self._sure or has(characters, ord(character))

    def _after(self, ways: _Ways, part: Part) -> tuple[_Ways, _Ways]:
        """Go on through a part from wherever the ways have come to, over characters or over none.

        :return: the ways that moved on, and those that did not.
        """
        moved: _Ways = {}
        stayed: _Ways = {}
        for place, count in ways.items():
            before, self.count = self.count, 0
            through = self.ways(part, place)
            self.count = min(before + self.count * count, _MOST + 1)
            for end, more in through.items():
                to = stayed if end == place else moved
                to[end] = min(to.get(end, 0) + more * count, _MOST + 1)
        return moved, stayed

    def _looped(self, loop: Loop, start: int) -> _Ways:
        ways: _Ways = {start: 1}
        for times in range(loop.least):
            before = self.count
            through = _sum(*self._after(ways, loop.part))
            if through == ways:
                self.count += (loop.least - times) * (self.count - before)
            if through == ways or self.count > _MOST:
                break
            ways = through
        # It was through often enough, and does not go on where it took no character.
        ended = [ways]
        further = len(self._text) if loop.most is None else loop.most - loop.least
        for _ in range(min(further, len(self._text))):
            ways, stayed = self._after(ways, loop.part)
            ended.extend((ways, stayed))
            if not ways or self.count > _MOST:
                break
        return _sum(*ended)


def _sum(*several: _Ways) -> _Ways:
    found: _Ways = {}
    for ways in several:
        for end, count in ways.items():
            found[end] = min(found.get(end, 0) + count, _MOST + 1)
    return found
