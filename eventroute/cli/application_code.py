"""The application's own code inside a command: what it prints and how it ends are kept apart."""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from sysconfig import get_path
from typing import TYPE_CHECKING, Final

from eventroute.cli.failure import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

__all__ = ["NOT_THEIRS", "application_code", "running_models"]

_PACKAGE: Final = str(Path(__file__).parents[1])
NOT_THEIRS: Final = ("<frozen ", *map(get_path, ("stdlib", "platstdlib", "purelib", "platlib")))
"""How the files begin that hold no application's own code."""


@contextmanager
def application_code(doing: str, *, keep_stdout: bool = False) -> Generator[None]:
    """Run an application's modules, models or casts.

    What they print goes to standard error, lest it is taken for a part of what the command prints.

    :param doing: what a message begins with, such as ``"importing shop.app"``.
    :param keep_stdout: whether they may print to standard output all the same.
    :raises CommandError: the code ended the process, whatever its exit code was.
    """
    with nullcontext() if keep_stdout else redirect_stdout(sys.stderr):
        try:
            yield
        except SystemExit as end:
            raise CommandError(
                f"{doing} ended the process with SystemExit({end.code!r}) at {_place(end)}; "
                "raise another exception there, or let only the application's own start end it"
            ) from None


def running_models(target: str) -> AbstractContextManager[None]:
    """Run what the bus ``MODULE:ATTRIBUTE`` declares; see :func:`application_code`."""
    return application_code(f"running the models and casts of {target.partition(':')[0]}")


def _place(end: SystemExit) -> str:
    """The last line of theirs on the way: ``argparse`` and others end processes for them."""
    frames = traceback.extract_tb(end.__traceback__)
    outside = [one for one in frames if not one.filename.startswith(_PACKAGE)] or list(frames)
    theirs = [one for one in outside if not one.filename.startswith(NOT_THEIRS)] or outside
    return f"{theirs[-1].filename}:{theirs[-1].lineno}"
