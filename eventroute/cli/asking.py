"""Questions before something is done for good."""

from __future__ import annotations

import sys

import typer

from eventroute.cli.failure import CommandError

__all__ = ["ask", "must_be_asked"]


def must_be_asked(*, yes: bool, look: str) -> None:
    """Refuse where nobody has said yes, and nobody can.

    :param look: the command that shows what would be done.
    """
    if not (yes or sys.stdin.isatty()):
        raise typer.BadParameter(f"nobody is there to ask; look with {look}, then add --yes")


def ask(question: str, *, otherwise: str) -> None:
    """Ask on standard error, and read the answer.

    :raises CommandError: the answer is not yes; ``otherwise`` is its message.
    """
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError(otherwise)
