"""``eventroute run --workers N`` keeps N processes, and ends with all of them."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from .apps import ready, write_app
from .command import run, started

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_worker_once(number: signal.Signals, tmp_path: Path) -> None:
    write_app(tmp_path)
    with started("run", "app:bus", "--workers", "3", cwd=tmp_path) as running:
        processes = {ready(running) for _ in range(3)}
        done = running.end(number)
    assert done.code == 0
    assert len(processes - {running.process.pid}) == 3
    assert not any(lives(process) for process in processes)
    assert done.err.count("finishing what is under way") == 3
    assert "again" not in done.err


def test_ctrl_c_of_a_terminal_reaches_each_worker_once(tmp_path: Path) -> None:
    write_app(tmp_path)
    with started("run", "app:bus", "--workers", "2", cwd=tmp_path) as running:
        groups = {os.getpgid(ready(running)) for _ in range(2)}
        assert os.getpgid(running.process.pid) not in groups
        assert running.end(signal.SIGTERM).code == 0


def test_a_worker_that_dies_takes_the_others_with_it(tmp_path: Path) -> None:
    write_app(tmp_path)
    with started("run", "app:bus", "--workers", "2", cwd=tmp_path) as running:
        first, second = ready(running), ready(running)
        os.kill(first, signal.SIGKILL)
        done = running.end()
    assert done.code == 1
    assert f"(process {first}) ended unexpectedly, by SIGKILL; stopping the others" in done.err
    assert not lives(second)


def test_a_worker_that_cannot_work_is_told_with_its_exit_code(tmp_path: Path) -> None:
    write_app(tmp_path, "os._exit(7)")
    done = run("run", "app:bus", "--workers", "2", cwd=tmp_path)
    assert done.code == 1
    assert "ended unexpectedly, with exit code 7; stopping the others" in done.err


def test_a_bus_that_stops_by_itself_stops_all(tmp_path: Path) -> None:
    write_app(tmp_path, "bus.stop()")
    done = run("run", "app:bus", "--workers", "2", cwd=tmp_path)
    assert done.code == 0
    assert "ended by itself; stopping the others" in done.err


def test_a_backend_of_one_process_is_refused_by_name(tmp_path: Path) -> None:
    write_app(tmp_path)
    done = run("run", "app:alone", "--workers", "2", cwd=tmp_path)
    assert done.code == 1
    assert "the backend 'memory' of app:alone lives in one process" in done.err
    assert "without --workers" in done.err


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_number_of_workers_that_is_none_is_bad_usage(count: str, tmp_path: Path) -> None:
    assert run("run", "app:bus", "--workers", count, cwd=tmp_path).code == 2


def test_a_second_signal_is_passed_on_too_and_a_third_kills(tmp_path: Path) -> None:
    # A plain function cannot be cancelled: a worker in it outlives two signals.
    write_app(tmp_path, "import time\nwhile True: time.sleep(3600)")
    with started("run", "app:bus", "--workers", "2", cwd=tmp_path) as running:
        processes = {ready(running) for _ in range(2)}
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGINT)
        done = running.end(signal.SIGHUP)
    assert done.code == 1
    assert done.err.count("ended by SIGKILL") == 2
    assert not any(lives(process) for process in processes)
