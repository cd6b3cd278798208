"""Text in a box: how wide it is, and where a long one is broken or cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LINE", "PADDING", "Label", "label_of", "legal"]

LINE: Final = 17.0
"""Height of a line, in pixels."""
PADDING: Final = 10.0
_UNIT: Final = 7.3
"""Width of a character of a monospaced font of 12 pixels; a little more than most have."""
_LONGEST: Final = 34
_MOST: Final = 7
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS: Final = frozenset(" .:/-_,")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands in a box.

    :ivar lines: each with whether it belongs to the name, which is the first of the texts.
    :ivar width: of the widest, in pixels.
    :ivar whole: all of it, uncut.
    """

    lines: tuple[tuple[str, bool], ...]
    width: float
    whole: str


def label_of(texts: Iterable[str]) -> Label:
    """Break texts into the lines of a box; what is too much for one is cut, with a ``…``."""
    given = [" ".join(legal(text).split()) or " " for text in texts]
    lines = [(part, not number) for number, text in enumerate(given) for part in _broken(text)]
    if len(lines) > _MOST:
        last, is_name = lines[_MOST - 1]
        lines = [*lines[: _MOST - 1], (f"{last} …", is_name)]
    width = max((_units(line) for line, _ in lines), default=0) * _UNIT
    return Label(tuple(lines), width, "\n".join(given))


def legal(text: str) -> str:
    """The text without what XML and HTML cannot hold, such as control characters."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _broken(text: str) -> Iterator[str]:
    """Lines that are short enough, broken behind a separator where there is one."""
    begin = width = 0
    separator = 0
    for place, character in enumerate(text):
        width += _units(character)
        if width > _LONGEST:
            end = separator if separator > begin else place
            yield text[begin:end].strip()
            begin = end
            width = _units(text[begin : place + 1])
        if character in _BREAKS:
            separator = place + 1
    yield text[begin:].strip()


def _units(text: str) -> int:
    """How many characters of a monospaced font are as wide; an East Asian one counts twice."""
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
