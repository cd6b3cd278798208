"""What an index may answer, given what its patterns answer one by one.

An index checks only what its patterns look at, so it may accept an event that a pattern refuses, if
the event is JSON at all; and of a member that a text repeats it may take the last value or any.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

from eventroute.errors import EventError, JSONTextError, LimitExceededError
from eventroute.pattern import Pattern, PatternIndex

__all__ = [
    "REFUSED",
    "Answer",
    "Given",
    "answer_of",
    "answer_of_all",
    "index_of",
    "is_allowed",
    "lenient",
]

Given: TypeAlias = str | bytes | dict[str, Any]
"""An event as a text or as values."""

Answer: TypeAlias = bool | type[Exception]
"""Whether a pattern matches, or the error instead."""

REFUSED: Final[frozenset[Answer]] = frozenset({JSONTextError, EventError})
"""The errors of what is no event."""


def lenient(text: str | bytes) -> dict[str, Any] | None:
    """A JSON object as the most forgiving reader takes it; ``{}`` where it is too large for it."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    try:
        value = json.loads(text)
    except RecursionError:
        return {}
    except ValueError:
        # Python does not convert so many digits, but they are JSON.
        return {} if re.search(r"[0-9]{4000}", text) else None
    return value if isinstance(value, dict) else None


def answer_of(pattern: Pattern, event: Given) -> Answer:
    """Match one pattern."""
    try:
        return pattern.matches(event)
    except (JSONTextError, EventError, LimitExceededError) as error:
        return type(error)


def answer_of_all(index: PatternIndex[int], event: Given) -> list[int] | type[Exception]:
    """Match many patterns."""
    try:
        return index.match(event)
    except (JSONTextError, EventError, LimitExceededError) as error:
        return type(error)


def index_of(patterns: dict[int, Pattern]) -> PatternIndex[int]:
    """A new index of patterns."""
    index = PatternIndex[int]()
    for name, pattern in patterns.items():
        index.add(name, pattern)
    return index


def is_allowed(
    together: list[int] | type[Exception],
    patterns: dict[int, Pattern],
    answers: dict[int, Answer],
    event: Given,
) -> bool:
    """Tell whether an index of the patterns may answer so.

    :param answers: those of the patterns one by one.
    """
    if not patterns:
        return True
    if isinstance(together, type):
        return together in answers.values()
    last = event if isinstance(event, dict) else lenient(event)
    if not REFUSED.isdisjoint(answers.values()):
        return last is not None
    found = set(together)
    for name, pattern in patterns.items():
        allowed = (name in found, LimitExceededError)
        if answers[name] not in allowed and (
            last is None or last is event or answer_of(pattern, last) not in allowed
        ):
            return False
    return together == [name for name in patterns if name in found]
