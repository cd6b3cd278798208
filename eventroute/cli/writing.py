"""Files that a command writes where its user wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.cli.failure import CommandError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_file"]


def write_file(file: Path, text: str) -> None:
    """Write a file that ``--output`` names, in place of the one that is there.

    :raises CommandError: it is a folder, or lies in one that is not there.
    """
    if file.is_dir():
        raise CommandError(f"--output {file} is a folder; name a file in it")
    if not file.parent.is_dir():
        raise CommandError(
            f"--output {file}: {file.parent} is no folder; make it, or correct the path"
        )
    file.write_text(text, encoding="utf-8", newline="\n")
