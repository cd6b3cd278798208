"""What EventBridge calls the schema of an event type: ``source@DetailType``."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

__all__ = ["LONGEST", "names_in", "prefix_of", "schema_name"]

LONGEST: Final = 385
"""Characters of a name: those of the longest source, of ``@`` and of the longest detail type."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_MARK: Final = re.compile(r"-[0-9a-f]{10}")
_LONGEST_SOURCE: Final = 256


def schema_name(topic: str, type_: str) -> str:
    """Name the schema: readable, and another one for each topic and type.

    What a name cannot hold is left out, as AWS does it, and a mark tells such names apart.
    """
    name = f"{topic}@{type_}"
    fits = _PLAIN.fullmatch(topic) and _PLAIN.fullmatch(type_)
    if fits and len(name) <= LONGEST and not _MARK.fullmatch(type_[-11:]):
        return name
    both = f"{topic}\0{type_}".encode("utf-8", "surrogatepass")
    mark = f"-{sha256(both).hexdigest()[:10]}"
    short = f"{_without(topic)[:_LONGEST_SOURCE]}@{_without(type_)}"
    return short[: LONGEST - len(mark)] + mark


def prefix_of(topic: str) -> str | None:
    """With which the names of a topic's schemas begin, whoever named them; ``None``: who knows."""
    return f"{topic}@" if _PLAIN.fullmatch(topic) and len(topic) <= _LONGEST_SOURCE else None


def names_in(name: str) -> tuple[str, str] | None:
    """Topic and type that a name speaks of, where it is one of AWS's form."""
    topic, at, type_ = name.partition("@")
    return (topic, type_) if at and topic and type_ else None


def _without(name: str) -> str:
    """Leave out what does not fit, and begin the next word with a capital, as AWS does."""
    first, *words = _FOREIGN.split(name)
    return first + "".join(word[:1].upper() + word[1:] for word in words)
