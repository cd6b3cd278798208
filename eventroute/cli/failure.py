"""How a command fails: one message, one exit code."""

from __future__ import annotations

from contextlib import contextmanager
from errno import EBADF
from typing import TYPE_CHECKING

from eventroute.errors import ConfigurationError, EventRouteError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["CommandError", "InputError", "errors_exit_with", "errors_in_one", "message_of"]


class InputError(EventRouteError, ValueError):
    """A file that was named cannot be used as what it was named for."""


class CommandError(EventRouteError):
    """A command ends.

    :ivar exit_code: what the process returns.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        super().__init__(message)


@contextmanager
def errors_exit_with(exit_code: int) -> Generator[None]:
    """Let an error inside end the command with this exit code instead of 1."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (EventRouteError, OSError) as error:
        raise CommandError(message_of(error), exit_code=exit_code) from None


@contextmanager
def errors_in_one() -> Generator[None]:
    """Let a group of errors inside end the command with one message, unless one is a mistake."""
    try:
        yield
    except BaseExceptionGroup as errors:
        expected, others = errors.split((EventRouteError, OSError))
        if others is not None or expected is None:
            raise
        raise CommandError(_joined(expected)) from None


def _joined(errors: BaseExceptionGroup[BaseException]) -> str:
    parts = [
        _joined(error) if isinstance(error, BaseExceptionGroup) else message_of(error)
        for error in errors.exceptions
    ]
    return "; ".join(dict.fromkeys(parts))


def message_of(error: BaseException) -> str:
    """What to tell a user of an error that is not a mistake in eventroute."""
    if isinstance(error, OSError) and error.errno == EBADF and not error.filename:
        return "standard input or output is closed; redirect it instead, such as to /dev/null"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ConfigurationError):  # a problem a line, and lists that are indented
        return "; ".join(str(error).splitlines()).replace(";   ", "\n  ")
    return str(error)
