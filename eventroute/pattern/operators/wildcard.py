r"""``{"wildcard": "*/2024/*.png"}``: ``*`` is any run of characters, ``\*`` a star."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from eventroute.errors import PatternError
from eventroute.pattern.json_values import JSON, Scalar, shown
from eventroute.pattern.operators.matcher import string_operand, wants_string

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["Wildcard", "parse_wildcard"]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A string in which the segments stand one after the other, anything between them.

    :ivar segments: the literal texts between the stars, escapes resolved; the first begins the
        string and the last ends it. One segment alone is the whole string.
    """

    segments: tuple[str, ...]
    operator: ClassVar[str] = "wildcard"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`. Linear: the leftmost place of each segment is good enough."""
        if not isinstance(value, str):
            return False
        if len(self.segments) == 1:
            return value == self.segments[0]
        first, *middle, last = self.segments
        end = len(value) - len(last)
        if end < len(first) or not value.startswith(first) or not value.endswith(last):
            return False
        place = len(first)
        for segment in middle:
            place = value.find(segment, place, end)
            if place < 0:
                return False
            place += len(segment)
        return True

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        reason = wants_string(self.operator, value)
        if reason is None and isinstance(value, str):
            folded = Wildcard(tuple(segment.casefold() for segment in self.segments))
            if folded.matches(value.casefold()):
                reason = f"{shown(value)} differs in upper and lower case only"
        return reason or f"{shown(value)} does not fit {shown(self.to_json())}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        escaped = (part.replace("\\", "\\\\").replace("*", "\\*") for part in self.segments)
        return {self.operator: "*".join(escaped)}


def parse_wildcard(operand: JSON, place: str, limits: PatternLimits) -> Wildcard:
    r"""Read ``{"wildcard": "text with *"}``.

    :raises PatternError: no string, two stars in a row, too many stars, or a backslash before
        something else than ``*`` and ``\``.
    """
    text = string_operand("wildcard", operand, place)
    segments: list[str] = []
    segment: list[str] = []
    rest = iter(text)
    for character in rest:
        if character == "\\":
            segment.append(_escaped(next(rest, ""), text, place))
        elif character == "*":
            if segments and not segment:
                raise PatternError(
                    f"two stars stand side by side in the wildcard {shown(text)}; write one",
                    pointer=place,
                )
            segments.append("".join(segment))
            segment = []
        else:
            segment.append(character)
    segments.append("".join(segment))
    stars = len(segments) - 1
    if stars > limits.max_wildcard_stars:
        raise PatternError(
            f"the wildcard {shown(text)} has {stars:,} stars; at most "
            f"{limits.max_wildcard_stars:,} are accepted. Join neighbours, or raise "
            "PatternLimits(max_wildcard_stars=)",
            pointer=place,
        )
    return Wildcard(tuple(segments))


def _escaped(character: str, text: str, place: str) -> str:
    if character and character in "*\\":
        return character
    after = f"before {character!r}" if character else "at the end"
    raise PatternError(
        f"a backslash stands {after} in the wildcard {shown(text)}; "
        r"only \* (a star) and \\ (a backslash) are escapes",
        pointer=place,
    )
