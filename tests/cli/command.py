"""The command as users start it, and events to feed it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[Any]:
        """What ``--json`` printed, one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def _hears_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def started(*arguments: str, cwd: Path) -> Generator[Running]:
    """Start ``eventroute`` in a folder with its streams on pipes; stop it after the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "eventroute", *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=_hears_ctrl_c,  # noqa: PLW1509  no threads run here
    ) as process:
        try:
            yield Running(process)
        finally:
            # A test that failed half-way leaves nothing behind: three signals end workers too.
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                process.send_signal(number)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(frozen=True, slots=True)
class Running:
    """A command that has not ended."""

    process: subprocess.Popen[str]

    @property
    def stdin(self) -> IO[str]:
        """What it reads."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[str]:
        """What it prints."""
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def stderr(self) -> IO[str]:
        """What it complains about."""
        assert self.process.stderr is not None
        return self.process.stderr

    def end(self, number: signal.Signals | None = None) -> Done:
        """Send it a signal, if one is given, and wait for its end."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return Done(self.process.returncode, out or "", err)


def run(*arguments: str, cwd: Path, stdin: bytes = b"") -> Done:
    """Run ``eventroute`` in a folder to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", *arguments],
        cwd=cwd,
        env=environment(),
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_a_terminal(*arguments: str, cwd: Path, columns: int = 80) -> str:
    """Run the command with its output on a terminal."""
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "eventroute", *arguments],
        cwd=cwd,
        env=environment() | {"COLUMNS": str(columns)},
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.PIPE,
    )
    os.close(follower)
    text = b""
    # Linux tells the end of a terminal by an error.
    try:
        while piece := os.read(leader, 4096):
            text += piece
    except OSError:
        pass
    finally:
        os.close(leader)
        process.communicate(timeout=SECONDS)
    return text.decode()


def environment() -> dict[str, str]:
    """The environment without what a terminal or a build server adds to it."""
    noise = ("FORCE_COLOR", "NO_COLOR", "PYTEST", "TTY_", "COLUMNS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(noise)}
    return kept | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "TERM": "xterm"}


def order(number: int, *, country: str = "KR", total: float = 10) -> dict[str, Any]:
    """An envelope."""
    return {
        "id": f"e{number}",
        "source": "shop.orders",
        "detail-type": "OrderPlaced",
        "detail": {"country": country, "total": total},
    }


def jsonl(*values: object) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


RULES = """\
[large]
source = ["shop.orders"]
detail.total = [{ numeric = [">=", 1000] }]

[korean]
detail.country = ["KR"]
"""
