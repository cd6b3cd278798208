"""Regular expressions, as far as they are understood: the only place that knows how."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eventroute.errors import EffortSpentError, UnsupportedExpressionError
from eventroute.registry.dialect import dialect_of
from eventroute.registry.effort import bounded
from eventroute.registry.regular import Language
from eventroute.registry.regular.backtracking import is_quick

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from jsonschema import FormatChecker

    from eventroute.registry.inclusion.span import Span

__all__ = ["conforms", "language_of", "matches", "shortest"]

_STEPS: Final = 5_000
_FEW_PATTERNS: Final = 8
_EXCLUSIONS: Final = 40
_LONGEST: Final = 20_000


@lru_cache(maxsize=512)
def language_of(pattern: str) -> Language | None:
    """The texts in which the pattern occurs; ``None`` where it is not understood."""
    try:
        return Language.of(pattern)
    except UnsupportedExpressionError:
        return None


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern occurs in a text; ``None`` where that is not known.

    ECMA-262 says so, and Python, which plain jsonschema asks, must not say otherwise.
    """
    found = _found(pattern, text)
    if not is_quick(pattern, text):
        return found
    try:
        plainly = re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return found
    if found is None:
        return plainly if _reads_alike(text) else None
    return found if found is plainly else None


def _found(pattern: str, text: str) -> bool | None:
    language = language_of(pattern)
    if language is None or len(text) > _LONGEST:
        return None
    try:
        with bounded(None, _STEPS):
            return language.matches(text)
    except EffortSpentError:
        return None


def _reads_alike(text: str) -> bool:
    """Whether Python and ECMA-262 agree about its characters, and about where it ends."""
    return text.isascii() and text.isprintable()


def shortest(
    span: Span,
    wanted: Iterable[str],
    unwanted: Iterable[str],
    excluded: Collection[str],
) -> str | bool | None:
    """A short text with a length and patterns, others not, and none of some texts.

    :return: ``False`` where there is certainly none, ``None`` where that is not known. What is not
        understood is left out, so a text is to be checked.
    """
    signed = [*((pattern, True) for pattern in wanted), *((pattern, False) for pattern in unwanted)]
    try:
        language = Language.length(span.least, span.most)
        for pattern, sign in signed:
            known = language_of(pattern)
            if known is not None:
                language &= known if sign else ~known
        # With many patterns a step costs more.
        steps = _STEPS * _FEW_PATTERNS // max(_FEW_PATTERNS, len(signed))
        found = language.shortest(steps)
        for _ in range(_EXCLUSIONS):
            if found is None:
                return False
            if found not in excluded:
                return found
            language &= ~Language.literal(found)
            found = language.shortest(steps)
    except (EffortSpentError, UnsupportedExpressionError):
        pass
    return None


def conforms(text: str, name: str) -> bool:
    """Whether a text has a format, as eventroute checks it where a draft asserts formats."""
    checker = _formats()
    return checker is None or checker.conforms(text, name)


@lru_cache(maxsize=1)
def _formats() -> FormatChecker | None:
    draft_07 = "http://json-schema.org/draft-07/schema#"
    return dialect_of({"$schema": draft_07}, "the schema").format_checker
