"""A file to which several processes add lines that outlive them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Journal"]

_WIDTH: Final = 32


class Journal:
    """One system call a line: a process that is killed has written a line whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC)

    def add(self, *words: object) -> None:
        """Add a line."""
        line = " ".join(map(str, words)).ljust(_WIDTH - 1) + "\n"
        if os.write(self._file, line.encode()) != _WIDTH:
            raise OSError(f"the line {line!r} is not as wide as the others")

    def count(self) -> int:
        """How many lines there are."""
        return os.fstat(self._file).st_size // _WIDTH

    def lines(self) -> list[list[str]]:
        """All lines, in the order in which they were added, as words."""
        text = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return [line.split() for line in text.decode().splitlines()]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
