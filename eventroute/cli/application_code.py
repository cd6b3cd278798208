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
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager
    from traceback import FrameSummary

__all__ = ["application_code", "is_ours", "last_own_line", "running_models"]

_PACKAGE: Final = str(Path(__file__).parents[1])
_NOT_THEIRS: Final = ("<frozen ", *map(get_path, ("stdlib", "platstdlib", "purelib", "platlib")))
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
                f"{doing} ended the process with SystemExit({end.code!r}) at "
                f"{last_own_line(traceback.extract_tb(end.__traceback__))}; "
                "raise another exception there, or let only the application's own start end it"
            ) from None


def running_models(target: str) -> AbstractContextManager[None]:
    """Run what the bus ``MODULE:ATTRIBUTE`` declares; see :func:`application_code`."""
    return application_code(f"running the models and casts of {target.partition(':')[0]}")


def is_ours(frame: FrameSummary) -> bool:
    """Whether a line is one of eventroute."""
    return frame.filename.startswith(_PACKAGE)


def last_own_line(frames: Sequence[FrameSummary]) -> str:
    """The application's last line on the way, as ``FILE:LINE``.

    Where they call others, such as ``argparse``, these raise errors and end processes for them.
    """
    outside = [one for one in frames if not is_ours(one)] or frames
    theirs = [one for one in outside if not one.filename.startswith(_NOT_THEIRS)] or outside
    return f"{theirs[-1].filename}:{theirs[-1].lineno}"
