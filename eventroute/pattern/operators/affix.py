"""``{"prefix": "ord-"}`` and ``{"suffix": ".png"}``, each also with ``equals-ignore-case``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from eventroute.errors import PatternError
from eventroute.jsontext import pointer
from eventroute.pattern.json_values import JSON, Members, Scalar, members, shown
from eventroute.pattern.operators.matcher import string_operand, wants_string
from eventroute.pattern.operators.spelling import prefix_end, suffix_start

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["Prefix", "Suffix", "parse_prefix", "parse_suffix"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A string that begins with the text."""

    text: str
    ignore_case: bool = False
    operator: ClassVar[str] = "prefix"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        if not isinstance(value, str):
            return False
        if self.ignore_case:
            return prefix_end(self.text, value) is not None
        return value.startswith(self.text)

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        reason = wants_string(self.operator, value)
        if reason is None and Prefix(self.text, ignore_case=True).matches(value):
            reason = f"{shown(value)} begins so in another case only; nest equals-ignore-case"
        return reason or f"{shown(value)} does not begin with {shown(self.text)}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class Suffix:
    """A string that ends with the text."""

    text: str
    ignore_case: bool = False
    operator: ClassVar[str] = "suffix"

    def matches(self, value: Scalar) -> bool:
        """See :class:`Matcher`."""
        if not isinstance(value, str):
            return False
        if self.ignore_case:
            return suffix_start(self.text, value) is not None
        return value.endswith(self.text)

    def why_not(self, value: Scalar) -> str:
        """See :class:`Matcher`."""
        reason = wants_string(self.operator, value)
        if reason is None and Suffix(self.text, ignore_case=True).matches(value):
            reason = f"{shown(value)} ends so in another case only; nest equals-ignore-case"
        return reason or f"{shown(value)} does not end with {shown(self.text)}"

    def to_json(self) -> JSON:
        """See :class:`Matcher`."""
        return _to_json(self)


def parse_prefix(operand: JSON, place: str, _limits: PatternLimits) -> Prefix:
    """Read ``{"prefix": "text"}`` or ``{"prefix": {"equals-ignore-case": "text"}}``.

    :raises PatternError: the operand is neither.
    """
    return Prefix(*_text("prefix", operand, place))


def parse_suffix(operand: JSON, place: str, _limits: PatternLimits) -> Suffix:
    """Read ``{"suffix": "text"}`` or ``{"suffix": {"equals-ignore-case": "text"}}``.

    :raises PatternError: the operand is neither.
    """
    return Suffix(*_text("suffix", operand, place))


def _text(operator: str, operand: JSON, place: str) -> tuple[str, bool]:
    if not isinstance(operand, dict | Members):
        return string_operand(operator, operand, place), False
    inner = list(members(operand))
    if [name for name, _ in inner] != ["equals-ignore-case"]:
        raise PatternError(
            f"{operator!r} can nest equals-ignore-case alone, not {shown(operand)}; "
            f'write {{"{operator}": {{"equals-ignore-case": "text"}}}}',
            pointer=place,
        )
    nested = place + pointer("equals-ignore-case")
    return string_operand("equals-ignore-case", inner[0][1], nested), True


def _to_json(matcher: Prefix | Suffix) -> JSON:
    if matcher.ignore_case:
        return {matcher.operator: {"equals-ignore-case": matcher.text}}
    return {matcher.operator: matcher.text}
