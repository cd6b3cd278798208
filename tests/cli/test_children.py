"""The processes of ``--workers`` and ``--reload``, seen from their parent."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

import anyio

from eventroute.cli.children import send


async def test_a_signal_to_a_process_that_has_just_ended_leaves_its_exit_code() -> None:
    for _ in range(20):  # others wait for its end at the same moment, and may be quicker
        process = await anyio.open_process(
            [sys.executable, "-S", "-c", ""], stdin=None, stdout=None, stderr=None
        )
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222  at once
        send(process, signal.SIGTERM)
        assert await process.wait() == 0
