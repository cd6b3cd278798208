"""``eventroute run --reload`` starts again when a source file changes."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from .apps import write_app
from .command import SECONDS, Running, environment, run, started

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("watchfiles")


class Output:
    """The lines a command prints, with a wait that ends."""

    def __init__(self, running: Running) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        Thread(target=self._read, args=[running], daemon=True).start()

    def _read(self, running: Running) -> None:
        for line in running.stdout:
            self._lines.put(line)

    def next(self, seconds: float) -> str | None:
        """The next line, or ``None`` after so many seconds without."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None


def change_until(output: Output, folder: Path, mark: str) -> str:
    """Change the application until it is started again; returns what the new one says.

    A change may come before the watch has begun, so one may not suffice.
    """
    for attempt in count(1):
        write_app(folder, mark=f"{mark}  # {'x' * attempt}")
        while line := output.next(5):
            if line.split()[-1] == mark:
                return line
        assert attempt < 10, "the change was not noticed"
    raise AssertionError


def test_a_change_starts_a_new_process(tmp_path: Path) -> None:
    write_app(tmp_path)
    with started("run", "app:bus", "--reload", cwd=tmp_path) as running:
        output = Output(running)
        first = output.next(SECONDS)
        assert first is not None
        second = change_until(output, tmp_path, "2")
        assert first.split()[1] != second.split()[1]
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(SECONDS) == 0


def test_an_application_that_fails_is_tried_again_after_a_change(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = [1\n")
    with started("run", "app:bus", "--reload", cwd=tmp_path) as running:
        assert running.process.stderr is not None
        assert "SyntaxError" in running.process.stderr.readline()
        assert "waiting for a change" in running.process.stderr.readline()
        change_until(Output(running), tmp_path, "2")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(SECONDS) == 0


def test_without_watchfiles_the_extra_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['watchfiles'] = None; from eventroute.cli import main; "
        "sys.exit(main(['run', 'app:bus', '--reload']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert 'pip install "eventroute[reload]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_reload_goes_with_one_process(tmp_path: Path) -> None:
    done = run("run", "app:bus", "--reload", "--workers", "2", cwd=tmp_path)
    assert done.code == 2
    assert "--reload is for one process" in done.err
