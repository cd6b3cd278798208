"""Below jsonschema is code that is not Python, and says its own way that Python's stack is full."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["surfaced_panics"]


@contextmanager
def surfaced_panics() -> Generator[None]:
    """Raise a RecursionError for a panic, which is no ``Exception`` and cannot be imported."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RecursionError("the stack is full") from None
