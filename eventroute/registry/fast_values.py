"""Values of keywords, as far as the fast validator reads them as jsonschema does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.regular.parse import parse
from eventroute.registry.regular.translate import plain_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["READERS", "DifferError", "copied_pattern"]

_MOST_COMPARED: Final = 256
_EXACT: Final = 2**53


class DifferError(Exception):
    """Something that the validators may read differently."""


def copied_pattern(pattern: str) -> str:
    """The same expression without what is special to one of them.

    :raises DifferError: it is no regular expression, or none that both know.
    """
    try:
        return plain_pattern(parse(pattern))
    except UnsupportedExpressionError:
        raise DifferError from None


def _same(value: Any) -> Any:  # noqa: ANN401  any JSON
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > _EXACT):
        raise DifferError
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _EXACT:
        raise DifferError
    return value


def _enum(values: Any) -> Any:  # noqa: ANN401  any JSON
    # It looks texts up, and compares everything else one by one.
    if len(values) > _MOST_COMPARED and not all(isinstance(value, str) for value in values):
        raise DifferError
    return _exact(values)


def _exact(value: Any) -> Any:  # noqa: ANN401  any JSON
    pending = [value]
    while pending:
        one = pending.pop()
        if is_object(one):
            pending.extend(one.values())
        elif is_array(one):
            pending.extend(one)
        else:
            _same(one)
    return value


_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_AS_THEY_ARE: Final = (
    *("type", "required", "dependentRequired", "uniqueItems", "minContains", "maxContains"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "pattern": copied_pattern,
    "enum": _enum,
    "const": _exact,
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_AS_THEY_ARE, _same),
}
"""For each keyword that holds no schema what copies its value, or raises `DifferError`."""
