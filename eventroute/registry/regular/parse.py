r"""Read a regular expression of ECMA-262, as far as it is regular.

JSON Schema names that dialect for ``pattern``. Where it and Python's ``re`` read the same text
in two ways and no reader could tell which one is meant (``\Z``, ``{,3}``), it is refused.
"""

from __future__ import annotations

import re
from typing import Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.character_sets import ALL, LINE_ENDS, complement, union
from eventroute.registry.regular.escapes import Escapes
from eventroute.registry.regular.syntax import (
    Ahead,
    Choice,
    End,
    Loop,
    One,
    Part,
    Sequence,
    Start,
    weight,
)

__all__ = ["MAX_WEIGHT", "parse"]

_MAX_LENGTH: Final = 20_000
_MAX_DEPTH: Final = 20
MAX_WEIGHT: Final = 100_000
"""Most characters that an expression may name once its counts are written out."""

_COUNT: Final = re.compile(r"\{([0-9]{1,9})(,?)([0-9]{0,9})\}")
_GROUP: Final = re.compile(r"\?:|\?P?<[A-Za-z_$][\w$]*>", re.ASCII)


def parse(pattern: str) -> Part:
    """Read an expression.

    :raises UnsupportedExpressionError: it is not valid, not regular, or too large.
    """
    if len(pattern) > _MAX_LENGTH:
        raise UnsupportedExpressionError(
            pattern, f"{len(pattern)} characters; at most {_MAX_LENGTH} are read"
        )
    part = _Parser(pattern).expression()
    # Counted with its counts written out, for these are the states of an automaton.
    if weight(part) > MAX_WEIGHT:
        raise UnsupportedExpressionError(
            pattern, f"counts that amount to more than {MAX_WEIGHT} characters"
        )
    return part


class _Parser(Escapes):
    def expression(self) -> Part:
        part = self._choice(0)
        if self.at < len(self.text):
            raise self.refused("a ')' that closes nothing")
        return part

    def _choice(self, depth: int) -> Part:
        if depth > _MAX_DEPTH:
            raise self.refused(f"more than {_MAX_DEPTH} groups inside one another")
        branches = [self._sequence(depth)]
        while self.take("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self, depth: int) -> Part:
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._repeated(self._atom(depth)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, part: Part) -> Part:
        counts = self._counts()
        if counts is None:
            return part
        if isinstance(part, Start | End | Ahead):
            raise self.refused("an anchor or a lookahead that is repeated")
        self.take("?")  # a lazy quantifier finds the same texts
        if self._counts() is not None:
            raise self.refused("a quantifier of a quantifier")
        return Loop(part, *counts)

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return counts
        found = _COUNT.match(self.text, self.at)
        if found is None:
            if self.text.startswith("{,", self.at):
                raise self.refused("'{,', which dialects read differently; write '{0,'")
            return None
        self.at = found.end()
        least = int(found[1])
        most = int(found[3]) if found[3] else (None if found[2] else least)
        if most is not None and most < least:
            raise self.refused(f"a count from {least} to {most}")
        return least, most

    def _atom(self, depth: int) -> Part:
        sign = self.text[self.at]
        if sign in "*+?":
            raise self.refused("a quantifier of nothing")
        self.at += 1
        match sign:
            case "^":
                part: Part = Start()
            case "$":
                part = End()
            case ".":
                part = One(complement(LINE_ENDS))
            case "(":
                part = self._group(depth)
            case "[":
                part = self._class()
            case "\\":
                part = One(self.escape(inside=False))
            case _:
                part = One(((ord(sign), ord(sign)),))
        return part

    def _group(self, depth: int) -> Part:
        ahead = next((sign for sign in ("?=", "?!") if self.take(sign)), "")
        if self.text.startswith("?", self.at) and not ahead:
            found = _GROUP.match(self.text, self.at)
            if found is None:
                raise self.refused("a group that is not regular, such as a lookbehind, or flags")
            self.at = found.end()
        part = self._choice(depth + 1)
        if not self.take(")"):
            raise self.refused("a '(' that nothing closes")
        if ahead:
            return Ahead(part, ahead == "?=")
        return Sequence((part,)) if isinstance(part, Start | End) else part

    def _class(self) -> Part:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.take("]"):
            first = self._member()
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                last = self._member()
                low, high = first[0][0], last[-1][1]
                if _width(first) != 1 or _width(last) != 1 or low > high:
                    raise self.refused("a range in '[…]' that has no two ends in order")
                ranges.append((low, high))
            else:
                ranges.extend(first)
        found = union(ranges)
        return One((complement(found) if found else ALL) if negated else found)

    def _member(self) -> tuple[tuple[int, int], ...]:
        if self.at >= len(self.text):
            raise self.refused("a '[' that nothing closes")
        sign = self.text[self.at]
        self.at += 1
        if sign == "\\":
            return self.escape(inside=True)
        return ((ord(sign), ord(sign)),)


def _width(ranges: tuple[tuple[int, int], ...]) -> int:
    return sum(last - first + 1 for first, last in ranges)
