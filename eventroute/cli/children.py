"""Processes that run a bus for ``--workers`` and ``--reload``."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anyio.abc import Process

__all__ = ["STOP_SIGNALS", "describe_end", "escalated", "send", "started"]

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends ``eventroute run``."""


@asynccontextmanager
async def started(target: str) -> AsyncGenerator[Process]:
    """Run ``eventroute run TARGET`` beside this process; kill it if it outlives the block."""
    # A session of its own: Ctrl-C reaches the child once, from us, and not from the terminal
    # too. A bus takes a second signal as an order to drop what is under way.
    process = await anyio.open_process(
        [sys.executable, "-m", "eventroute", "run", target],
        stdin=None,
        stdout=None,
        stderr=None,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with anyio.CancelScope(shield=True):
            send(process, signal.SIGKILL)
            await process.wait()


def send(process: Process, number: signal.Signals) -> None:
    """Send a signal, unless the process has ended."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            # Not process.send_signal, which looks first whether the process has ended, and would
            # take its exit code away from the event loop that waits for it.
            os.kill(process.pid, number)


def escalated(received: signal.Signals, count: int) -> signal.Signals:
    """What to pass on to a bus of the ``count``-th signal that came.

    The first lets it finish what is under way, the second makes it give that back. A bus that
    does neither is killed by the third.
    """
    if count >= 3:
        return signal.SIGKILL
    # A bus listens to SIGINT and SIGTERM; a hang-up would end it in the middle.
    return signal.SIGTERM if received == signal.SIGHUP else received


def describe_end(code: int) -> str:
    """How a process ended, for people."""
    if code >= 0:
        return f"with exit code {code}"
    with suppress(ValueError):
        return f"by {signal.Signals(-code).name}"
    return f"by signal {-code}"
