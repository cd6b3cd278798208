"""Regular expressions, as far as they are understood: the only place that knows how."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

try:  # the linear-time engine
    from eventroute.registry import regular as _regular
except ImportError:
    _regular = None  # type: ignore[assignment]

__all__ = ["language_of", "matches", "safe_to_match", "shortest"]

_STEPS: Final = 20_000
_SHORT: Final = 16
"""So short a text is matched soon enough by any expression."""

_REPEATED_GROUP: Final = re.compile(r"\)(?:[*+]|\{\d*,\d*\}|\{\d{2,}\})")


@lru_cache(maxsize=512)
def language_of(pattern: str) -> Any:  # noqa: ANN401  a Language; None where it is not understood
    """The texts in which the pattern occurs."""
    if _regular is None:
        return None
    try:
        return _regular.Language.of(pattern)
    except (ValueError, RecursionError, OverflowError):
        return None


def safe_to_match(pattern: str, text: str) -> bool:
    """Whether Python's engine surely ends soon: nothing that is repeated holds a choice."""
    return len(text) <= _SHORT or not _REPEATED_GROUP.search(pattern)


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern occurs in a text; ``None`` where that is not known."""
    if not safe_to_match(pattern, text):
        language = language_of(pattern)
        return None if language is None else bool(language.matches(text))
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return None


def shortest(
    least: int,
    most: int | None,
    wanted: Iterable[str],
    unwanted: Iterable[str],
    excluded: Iterable[str],
) -> str | bool | None:
    """A short text with a length and patterns, others not, and none of some texts.

    :return: ``False`` where there is certainly none, ``None`` where that is not known. What is not
        understood is left out, so a text is to be checked.
    """
    if _regular is None:
        return False if most is not None and least > most else None
    language = _regular.Language.length(least, most)
    for pattern in wanted:
        known = language_of(pattern)
        if known is not None:
            language &= known
    for pattern in unwanted:
        known = language_of(pattern)
        if known is not None:
            language &= ~known
    for text in excluded:
        language &= ~_regular.Language.literal(text)
    try:
        found = language.shortest(_STEPS)
    except _regular.EffortSpent:
        return None
    return False if found is None else found
