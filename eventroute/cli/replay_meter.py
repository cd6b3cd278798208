"""How far a replay has come, for somebody who waits at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.console import Console

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from rich.status import Status

__all__ = ["ReplayMeter"]


class ReplayMeter:
    """A line on standard error, where that is a terminal and the backend tells."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status: Status | None = None

    def show(self, moment: datetime | None) -> None:
        """Note that everything up to a moment was delivered."""
        if not self._console.is_terminal:
            return
        told = "the first events" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
        text = f"replaying {told}; Ctrl-C cancels it"
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()
