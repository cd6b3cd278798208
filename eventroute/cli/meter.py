"""How far a long read has come, for somebody who waits at a terminal."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from eventroute.cli.output import printable

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Meter"]

_PATIENCE: Final = 1.0


class Meter:
    """A progress bar on standard error, where that is a terminal and the read takes a second.

    :param total: bytes to read, where that is known.
    :param hidden: show nothing, because the terminal is busy with the output itself.
    """

    def __init__(self, total: int | None, *, hidden: bool) -> None:
        console = Console(stderr=True)
        self._shown = console.is_terminal and not hidden
        self._since = monotonic()
        self._started = False
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            # Standard output may be a file; it must not end up on this terminal.
            redirect_stdout=False,
        )
        self._task = self._bar.add_task("reading", total=total)

    def read(self, name: str, total: int) -> None:
        """Note that ``total`` bytes were read so far, of all files together."""
        if not self._shown:
            return
        if not self._started and monotonic() - self._since >= _PATIENCE:
            self._started = True
            self._bar.start()
        self._bar.update(self._task, completed=total, description=printable(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._started:
            self._bar.stop()
