"""Ends a program whose parent is gone, also where that was killed."""

from __future__ import annotations

import os
import signal
import threading

__all__ = ["hold"]


def hold() -> None:
    """Watch standard input, which ends with the parent."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGKILL)
