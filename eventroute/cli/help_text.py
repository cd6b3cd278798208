"""Docstrings as help."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["help_of"]


def help_of(command: Callable[..., object]) -> str:
    """The docstring of a command, marked so that paragraphs with indented lines keep theirs."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join("\b\n" * ("\n  " in paragraph) + paragraph for paragraph in paragraphs)
