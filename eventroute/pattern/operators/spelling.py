"""Upper and lower case as EventBridge compares them: character by character of the pattern.

A character of the pattern stands for its full lower-case and its full upper-case mapping and for
nothing else, so ``ß`` also matches ``SS``, but ``k`` does not match the Kelvin sign. Characters
beyond the basic multilingual plane match themselves only. There is no Unicode normalisation.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["fold", "prefix_end", "same", "suffix_start"]


def fold(text: str) -> str:
    """A text that all spellings of a text have in common, and others too: a key for look-ups.

    ``fold(a + b) == fold(a) + fold(b)``, so it serves the beginnings and ends of texts as well.
    """
    return text.upper().casefold()


def same(text: str, value: str) -> bool:
    """Tell whether the value spells the text."""
    return prefix_end(text, value) == len(value)


def prefix_end(text: str, value: str) -> int | None:
    """Where in the value a spelling of the text ends that begins at its start, or ``None``."""
    if text.isascii():
        head = value[: len(text)]
        return len(text) if head.isascii() and head.lower() == text.lower() else None
    # No character's two spellings begin or end alike, so the first that fits is the only one.
    place = 0
    for spellings in _spellings(text):
        for spelling in spellings:
            if value.startswith(spelling, place):
                place += len(spelling)
                break
        else:
            return None
    return place


def suffix_start(text: str, value: str) -> int | None:
    """Where in the value a spelling of the text begins that ends at its end, or ``None``."""
    if text.isascii():
        start = len(value) - len(text)
        tail = value[start:] if start >= 0 else ""
        return start if tail.isascii() and tail.lower() == text.lower() else None
    place = len(value)
    for spellings in reversed(_spellings(text)):
        for spelling in spellings:
            if value.endswith(spelling, 0, place):
                place -= len(spelling)
                break
        else:
            return None
    return place


@lru_cache(maxsize=1024)
def _spellings(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (character,) if ord(character) > 0xFFFF else (character.lower(), character.upper())
        for character in text
    )
