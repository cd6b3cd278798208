"""What commands print: colours and boxes on a terminal, plain text elsewhere, JSON on request."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

__all__ = ["Output", "prepare_streams", "printable", "report"]


class Output:
    """Standard output, for the length of one command."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False)

    @property
    def terminal(self) -> bool:
        """Whether somebody looks at it."""
        return self._console.is_terminal

    @property
    def width(self) -> int:
        """How many characters a line of the terminal has."""
        return self._console.width

    def show(self, plain: str) -> None:
        """Print text as it is."""
        sys.stdout.write(plain + "\n")

    def show_rich(self, rich: RenderableType) -> None:
        """Print what only a terminal can show; see `terminal`."""
        # A terminal wraps long lines itself, and then they can be copied whole.
        self._console.print(rich, soft_wrap=isinstance(rich, Text))

    def show_json(self, value: object, *, indent: int | None = None) -> None:
        """Print one JSON document, on one line unless it is indented."""
        # JSON is UTF-8; in another encoding only ASCII is the same text.
        plain = sys.stdout.encoding.lower().replace("-", "") != "utf8"
        sys.stdout.write(json.dumps(value, ensure_ascii=plain, indent=indent) + "\n")

    def show_table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table: the first column to the left, the others to the right."""
        cells = [[printable(cell) for cell in row] for row in rows]
        if self.terminal:
            table = Table(box=SIMPLE_HEAD, pad_edge=False)
            for place, head in enumerate(heads):
                table.add_column(head, justify="right" if place else "left", overflow="fold")
            for row in cells:
                table.add_row(*(Text(cell) for cell in row))
            self._console.print(table)
            return
        everything = [list(heads), *cells]
        widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
        for first, *others in everything:
            right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
            sys.stdout.write("  ".join([first.ljust(widths[0]), *right]).rstrip() + "\n")

    def flush(self) -> None:
        """Hand on what was printed, so that a reader at the other end of a pipe sees it."""
        sys.stdout.flush()


def report(message: str) -> None:
    """Print a message on standard error: a line, and those that are indented below it.

    What was printed before comes before it, where both streams lead to one log.
    """
    with suppress(OSError, ValueError):  # nobody reads it any more; that is told elsewhere
        sys.stdout.flush()
    sys.stderr.write("\n  ".join(map(printable, message.split("\n  "))) + "\n")
    sys.stderr.flush()


def printable(text: str) -> str:
    r"""Write control characters as ``\x1b``: what strangers sent must not steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


def prepare_streams() -> None:
    """Let no character that the locale's encoding lacks end a command.

    A standard stream that whoever started us has closed becomes one that fails when it is used;
    its number would else go to the next file that is opened.
    """
    for name, flags, mode in _STREAMS:
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  kept
            setattr(sys, name, stream)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


# Opened for the opposite of what they are for; messages that nobody can read are no failure.
_STREAMS: Final = (
    ("stdin", os.O_WRONLY, "r"),
    ("stdout", os.O_RDONLY, "w"),
    ("stderr", os.O_WRONLY, "w"),
)
