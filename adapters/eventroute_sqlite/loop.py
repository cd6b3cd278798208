"""Calls from a thread into the event loop, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from anyio.lowlevel import current_token

__all__ = ["Post", "loop_of_caller", "soon"]

Post: TypeAlias = Callable[[Callable[[], object]], object]
"""Has a function called in the event loop, soon. Never waits; raises when the loop is gone."""


def loop_of_caller() -> Post:
    """How any thread reaches the event loop that runs now."""
    token: object = current_token()
    native = getattr(token, "native_token", token)  # anyio 4.11 began to wrap it
    name = "run_sync_soon" if hasattr(native, "run_sync_soon") else "call_soon_threadsafe"
    return cast("Post", getattr(native, name))


def soon(function: Callable[[], object]) -> None:
    """Have a function called in the event loop that runs now, after the tasks that are ready."""
    token: object = current_token()
    native = getattr(token, "native_token", token)
    # On asyncio the call for threads would wake the loop through a socket.
    call = getattr(native, "call_soon", None) or loop_of_caller()
    call(function)
