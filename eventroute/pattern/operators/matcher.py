"""What every operator provides, and what their parsers share."""

from __future__ import annotations

from typing import ClassVar, Protocol

from eventroute.errors import PatternError
from eventroute.pattern.json_values import JSON, Scalar, shown

__all__ = ["Matcher", "kind", "string_operand", "wants_string"]


class Matcher(Protocol):
    """A test of one leaf. Implementations are frozen dataclasses: plain, readable data.

    :cvar operator: its name in the language; ``"equals"`` for a bare value.
    """

    operator: ClassVar[str]

    def matches(self, value: Scalar, /) -> bool:
        """Tell whether a leaf of an event passes."""
        ...

    def why_not(self, value: Scalar, /) -> str:
        """Say, for a leaf that does not pass, what kept it from passing."""
        ...

    def to_json(self) -> JSON:
        """The matcher as an element of a pattern's list."""
        ...

    def __hash__(self) -> int: ...


def kind(value: JSON) -> str:
    """The JSON type of a value, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"


def string_operand(operator: str, operand: JSON, place: str) -> str:
    """The operand of an operator that takes a string.

    :raises PatternError: it is something else.
    """
    if isinstance(operand, str):
        return operand
    raise PatternError(
        f"{operator!r} takes a string, not {kind(operand)} ({shown(operand)}); "
        f'write {{"{operator}": "text"}}',
        pointer=place,
    )


def wants_string(operator: str, value: Scalar) -> str | None:
    """The reason why a leaf that is no string fails, or ``None`` where it is a string."""
    if isinstance(value, str):
        return None
    return f"{shown(value)} is {kind(value)}; {operator!r} tests strings only"
