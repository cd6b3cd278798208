"""Programs that are started, watched and killed; none of them outlives who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Self

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

__all__ = ["Child", "Herd", "TortureError", "until"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_LAST_LINES: Final = 2_000

PATIENCE: Final = 90.0
"""Seconds after which what should happen will not."""


class TortureError(Exception):
    """A program did not do what it should; the message has what it said last."""


class Child:
    """A program in a process group of its own.

    :ivar log: what it writes to its standard error.
    """

    def __init__(self, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                env={**os.environ, **env},
                stdin=subprocess.PIPE,  # its end is the end of the child: see apps/leash.py
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """Its exit status; negative is a signal, ``None`` is that it runs."""
        return self._process.poll()

    def said(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """``kill -9``: it, and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    async def ended(self, seconds: float = PATIENCE) -> int:
        """Wait for its end.

        :raises TortureError: it goes on for longer.
        """
        deadline = monotonic() + seconds
        while (code := self.code) is None:
            if monotonic() > deadline:
                raise TortureError(f"it did not end within {seconds:g} s\n{self._last()}")
            await anyio.sleep(0.002)
        return code

    def must_run(self) -> None:
        """See that it has not ended.

        :raises TortureError: it has.
        """
        if self.code is not None:
            raise TortureError(f"it ended with {self.code}\n{self._last()}")

    def _last(self) -> str:
        return self.said()[-_LAST_LINES:]


class Herd:
    """Starts programs, and kills those that are left when the block ends.

    :param folder: for what they say.
    :param env: for all of them.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = env
        self._children: list[Child] = []
        self._numbers = count(1)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Child:
        """Start ``python -m`` with arguments, and perhaps more of an environment."""
        log = self._folder / f"child-{next(self._numbers)}.log"
        command = [sys.executable, "-W", "error", "-m", *arguments]
        child = Child(command, {**self._env, **(env or {})}, log)
        self._children.append(child)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for child in self._children:
            child.kill()


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]],
    what: str,
    *children: Child,
    seconds: float = PATIENCE,
) -> None:
    """Return as soon as something holds.

    :param children: must run meanwhile.
    :raises TortureError: it does not hold in time, or a child has ended.
    """
    deadline = monotonic() + seconds
    while True:
        holds = condition()
        if holds if isinstance(holds, bool) else await holds:
            return
        for child in children:
            child.must_run()
        if monotonic() > deadline:
            said = "\n".join(child.said()[-_LAST_LINES:] for child in children)
            raise TortureError(f"not within {seconds:g} s: {what}\n{said}")
        await anyio.sleep(0.001)
