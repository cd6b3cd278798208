"""Finds the fenced blocks of a Markdown page."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_FILE = re.compile(r"^# file: (?P<name>\S+)$")


class PageError(AssertionError):
    """A page does not do what it says; the message begins with ``FILE:LINE``."""

    def __init__(self, page: Path, line: int, trouble: str) -> None:
        super().__init__(f"{page}:{line}: {trouble}")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    :ivar kind: the info string, such as ``"python"``.
    :ivar line: line of the page that holds the first line of ``text``.
    :ivar file: what a first line ``# file: NAME`` names.
    """

    page: Path
    kind: str
    line: int
    text: str

    @property
    def file(self) -> str | None:
        """The name in the first line, where it is ``# file: NAME``."""
        found = _FILE.match(self.text.partition("\n")[0])
        return found["name"] if found else None

    def error(self, trouble: str, line: int | None = None) -> PageError:
        """An error at a line of the page; the block's first line when left out."""
        return PageError(self.page, self.line if line is None else line, trouble)


def blocks_of(page: Path) -> list[Block]:
    """Every fenced block of a page, also in lists and admonitions, in order.

    :raises PageError: a fence is never closed.
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    found: list[Block] = []
    position = 0
    while position < len(lines):
        opening = _FENCE.match(lines[position])
        position += 1
        if opening is None:
            continue
        start = position
        closing = re.compile(
            rf"^\s*{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}\s*$"
        )
        while position < len(lines) and not closing.match(lines[position]):
            position += 1
        if position == len(lines):
            raise PageError(page, start, "this fence is never closed")
        text = textwrap.dedent("\n".join([*lines[start:position], ""]))
        found.append(Block(page, opening["info"].strip(), start + 1, text))
        position += 1
    return found
