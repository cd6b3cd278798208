"""A pattern as an argument of a command: JSON text, or a file that holds it."""

from __future__ import annotations

from pathlib import Path

from eventroute.cli.failure import InputError
from eventroute.cli.reading import name_of, read_whole
from eventroute.errors import PatternError
from eventroute.jsontext import MAX_BYTES
from eventroute.pattern import Pattern

__all__ = ["check_place", "is_json", "read_pattern"]


def is_json(argument: str) -> bool:
    """Whether an argument is JSON text, and not the name of a file."""
    return argument.lstrip().startswith("{")


def check_place(argument: str) -> None:
    """Refuse an argument that can be meant neither as JSON text of an object nor as a file.

    :raises InputError: it is blank, or another JSON value.
    """
    if (not argument.strip() or argument.lstrip()[0] in "[\"'") and not Path(argument).is_file():
        raise InputError(
            f"{argument!r} is neither a JSON object, which begins with '{{', nor a file"
        )


def read_pattern(argument: str, *, toml_remedy: str = "write it as JSON") -> Pattern:
    """Read a pattern.

    :param argument: JSON text, a file, or ``-`` for standard input.
    :param toml_remedy: what to do about a TOML file, which holds several patterns.
    :raises InputError: it cannot be read, or is no pattern.
    """
    text: str | bytes = argument
    if not is_json(argument):
        check_place(argument)
        text = read_whole(argument, max_bytes=MAX_BYTES, remedy="a pattern is far smaller")
    try:
        return Pattern(text)
    except PatternError as error:
        if argument.endswith(".toml"):
            raise InputError(f"{argument} is a rule file; {toml_remedy}") from None
        where = "" if is_json(argument) else f"{name_of(argument)}: "
        raise InputError(f"{where}{error}") from None
