"""``{"anything-but": …}``: any leaf except those that another test accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from eventroute.errors import PatternError
from eventroute.jsontext import pointer
from eventroute.pattern.json_values import JSON, Members, Scalar, members, shown
from eventroute.pattern.operators.affix import Prefix, Suffix
from eventroute.pattern.operators.exact import Number, Text
from eventroute.pattern.operators.ignore_case import EqualsIgnoreCase
from eventroute.pattern.operators.matcher import kind, string_operand
from eventroute.pattern.operators.numbers import comparable
from eventroute.pattern.operators.wildcard import Wildcard, parse_wildcard

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits
    from eventroute.pattern.operators.matcher import Matcher

__all__ = ["AnythingBut", "parse_anything_but"]

_NESTED: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """A leaf that none of the excluded tests accepts, whatever its type.

    :ivar excluded: matchers of one class: `Text`, `Number`, `Prefix`, `Suffix`,
        `EqualsIgnoreCase` or `Wildcard`.
    """

    excluded: tuple[Matcher, ...]
    operator: ClassVar[str] = "anything-but"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        return not any(matcher.matches(value) for matcher in self.excluded)

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        by = next((matcher for matcher in self.excluded if matcher.matches(value)), None)
        return f"{shown(value)} is excluded by {shown(by.to_json() if by else None)}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        operands: list[JSON] = []
        nested = ""
        for matcher in self.excluded:
            written = matcher.to_json()
            if isinstance(written, dict):
                ((nested, written),) = written.items()
            operands.append(written)
        operand = operands[0] if len(operands) == 1 else operands
        return {self.operator: {nested: operand} if nested else operand}


def parse_anything_but(operand: JSON, place: str, limits: PatternLimits) -> AnythingBut:
    """Read ``{"anything-but": …}``: a string, a number, a list of one of them, or a nested test.

    :raises PatternError: null, a boolean, an empty or a mixed list, or another nested operator.
    """
    if isinstance(operand, dict | Members):
        return _nested(operand, place, limits)
    if operand == []:
        raise PatternError("'anything-but' with an empty list excludes nothing", pointer=place)
    found: list[Matcher] = []
    for item, where in _each(operand, place):
        if isinstance(item, str):
            found.append(Text(item))
        elif isinstance(item, int | float) and not isinstance(item, bool):
            found.append(Number(comparable(item)))
        else:
            raise PatternError(
                f"'anything-but' excludes strings or numbers, not {kind(item)} ({shown(item)})",
                pointer=where,
            )
    if len({type(matcher) for matcher in found}) > 1:
        raise PatternError(
            f"'anything-but' takes strings or numbers, not both in one list ({shown(operand)})",
            pointer=place,
        )
    return AnythingBut(tuple(found))


def _nested(operand: dict[str, JSON] | Members, place: str, limits: PatternLimits) -> AnythingBut:
    inner = list(members(operand))
    name = inner[0][0] if len(inner) == 1 else ""
    if name not in _NESTED:
        raise PatternError(
            f"'anything-but' nests exactly one of {', '.join(_NESTED)}, not {shown(operand)}",
            pointer=place,
        )
    place += pointer(name)
    if inner[0][1] == []:
        raise PatternError(f"{name!r} with an empty list excludes nothing", pointer=place)
    return AnythingBut(
        tuple(_excluded(name, item, where, limits) for item, where in _each(inner[0][1], place))
    )


def _excluded(name: str, operand: JSON, place: str, limits: PatternLimits) -> Matcher:
    if name == "wildcard":
        wildcard: Wildcard = parse_wildcard(operand, place, limits)
        return wildcard
    text = string_operand(name, operand, place)
    if name == "equals-ignore-case":
        return EqualsIgnoreCase(text)
    if not text:
        raise PatternError(
            f"an empty {name} excludes every string; name at least one character", pointer=place
        )
    return Prefix(text) if name == "prefix" else Suffix(text)


def _each(operand: JSON, place: str) -> list[tuple[JSON, str]]:
    if isinstance(operand, list):
        return [(item, place + pointer(index)) for index, item in enumerate(operand)]
    return [(operand, place)]
