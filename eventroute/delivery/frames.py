"""The frames that an error was raised through, for people who look at a dead letter or a log."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from inspect import unwrap
from pathlib import Path
from traceback import StackSummary, TracebackException, walk_tb
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

__all__ = ["frames_of", "shortened"]

_MOST: Final = 8
_LONGEST: Final = 160
_LONGEST_TRACEBACK: Final = 8_000
"""Characters of a traceback in the log, with the texts of its errors."""

_MACHINERY: Final = ("anyio", "eventroute")
"""Packages through which every handler is called."""


def frames_of(error: BaseException, handler: Callable[..., object]) -> str:
    """Up to eight lines ``FILE:LINE FUNCTION``, the innermost last; ``""`` where there are none.

    Neither values nor source lines, which may be secret. Frames of libraries are left out where
    the application has any of its own.

    :param handler: whose package belongs to the application, wherever it is installed.
    """
    places = [
        (code, line) for code, line in _walk(error) if not _is_of(code.co_filename, _MACHINERY)
    ]
    home = _package(_file_of(handler))
    own = [one for one in places if _is_application(one[0].co_filename, home)]
    return "\n".join(_shown(code, line) for code, line in (own or places)[-_MOST:])


def shortened(error: BaseException, *, whole: bool = False) -> str:
    """The traceback as Python prints it, without the frames that the application did not write.

    :param whole: keep all frames. A text without end is cut in any case.
    """
    summary = TracebackException.from_exception(error)
    if not whole:
        _shorten(summary)
    text = "".join(summary.format()).rstrip("\n")
    left_out = len(text) - _LONGEST_TRACEBACK
    if left_out <= 0:
        return text
    half = _LONGEST_TRACEBACK // 2
    return f"{text[:half]}\n[{left_out:,} characters are left out here]\n{text[-half:]}"


def _shorten(summary: TracebackException) -> None:
    pending: list[TracebackException | None] = [summary]
    while pending:
        one = pending.pop()
        if one is not None:
            others = [frame for frame in one.stack if not _is_of(frame.filename, _MACHINERY)]
            own = [frame for frame in others if _is_application(frame.filename, "")]
            one.stack = StackSummary.from_list(own or others or one.stack)
            pending += [one.__cause__, one.__context__, *(one.exceptions or ())]


def _walk(error: BaseException) -> list[tuple[CodeType, int]]:
    places: list[tuple[CodeType, int]] = []
    inner: BaseException | None = error
    while inner is not None:
        places += [(frame.f_code, line) for frame, line in walk_tb(inner.__traceback__)]
        # A group is raised by the task group; what it holds was raised by somebody's code.
        inner = inner.exceptions[0] if isinstance(inner, BaseExceptionGroup) else None
    return places


def _is_of(file: str, packages: tuple[str, ...]) -> bool:
    return any(file.startswith(root) for root in map(_root_of, packages) if root)


@cache
def _root_of(package: str) -> str:
    file: str | None = getattr(sys.modules.get(package), "__file__", None)
    return f"{Path(file).parent}{os.sep}" if file else ""


@cache
def _libraries() -> tuple[Path, ...]:
    """Folders of installed packages, then of Python's own modules."""
    names = ("purelib", "platlib", "stdlib", "platstdlib")
    return tuple(dict.fromkeys(Path(sysconfig.get_path(name)) for name in names))


def _package(file: str) -> str:
    """The first folder below the installed packages; ``""`` for what is not installed there."""
    for library in _libraries():
        if Path(file).is_relative_to(library):
            return Path(file).relative_to(library).parts[0]
    return ""


def _is_application(file: str, home: str) -> bool:
    return not file.startswith("<") and _package(file) in ("", home)


def _file_of(handler: Callable[..., object]) -> str:
    code: CodeType | None = getattr(unwrap(handler), "__code__", None)
    return "" if code is None else code.co_filename


def _shown(code: CodeType, line: int) -> str:
    file = Path(code.co_filename)
    for root in (*_libraries(), Path.cwd()):
        if file.is_relative_to(root):
            file = file.relative_to(root)
            break
    else:
        file = Path(*file.parts[-2:])
    return f"{file.as_posix()}:{line} {code.co_qualname}"[-_LONGEST:]
