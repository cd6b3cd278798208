"""``eventroute run --reload``: start again whenever a source file changes."""

from __future__ import annotations

import signal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from eventroute.cli.children import STOP_SIGNALS, describe_end, escalated, send, started
from eventroute.cli.output import report
from eventroute.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process
    from watchfiles import Change

__all__ = ["require_watchfiles", "run_reloading"]


def require_watchfiles() -> None:
    """Check for the extra before anything is started.

    :raises MissingExtraError: watchfiles is not installed.
    """
    try:
        import_module("watchfiles")
    except ImportError:
        raise MissingExtraError(
            '--reload needs the package watchfiles: pip install "eventroute[reload]"'
        ) from None


async def run_reloading(target: str, folder: Path) -> None:
    """Run a bus until a signal comes, anew after each change below a folder."""
    await _Reloader(target, folder).run()


class _Reloader:
    def __init__(self, target: str, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._stop = anyio.Event()
        self._end_of_turn = anyio.Event()
        self._changed = ""
        self._process: Process | None = None
        self._asked = 0

    async def run(self) -> None:
        with anyio.open_signal_receiver(*STOP_SIGNALS) as signals:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heed, signals)
                group.start_soon(self._watch)
                while not self._stop.is_set():
                    await self._take_turn()
                group.cancel_scope.cancel()

    async def _heed(self, signals: AsyncIterator[signal.Signals]) -> None:
        async for received in signals:
            self._stop.set()
            self._end_of_turn.set()
            self._ask(received)

    async def _watch(self) -> None:
        from watchfiles import awatch  # noqa: PLC0415  see require_watchfiles

        async for found in awatch(self._folder, watch_filter=_concerns, stop_event=self._stop):
            first = min(Path(name) for _, name in found)
            self._changed = str(first.relative_to(self._folder))
            self._end_of_turn.set()

    async def _take_turn(self) -> None:
        # A change until now is one that the new process will read anyway.
        self._end_of_turn = anyio.Event()
        async with started(self._target) as self._process:
            self._asked = 0
            async with anyio.create_task_group() as group:
                group.start_soon(self._report_end, self._process)
                await self._end_of_turn.wait()
                group.cancel_scope.cancel()
            if not self._stop.is_set():
                report(f"eventroute: {self._changed} changed; starting again")
            if not self._asked:
                self._ask(signal.SIGTERM)
            await self._process.wait()

    def _ask(self, received: signal.Signals) -> None:
        self._asked += 1
        if self._process is not None:
            send(self._process, escalated(received, self._asked))

    async def _report_end(self, process: Process) -> None:
        code = await process.wait()
        if not self._stop.is_set():
            report(f"eventroute: the bus ended {describe_end(code)}; waiting for a change")


def _concerns(_: Change, path: str) -> bool:
    file = Path(path)
    hidden = any(part.startswith(".") or part == "__pycache__" for part in file.parts[1:])
    return not hidden and (file.suffix == ".py" or file.name == "eventroute.toml")
