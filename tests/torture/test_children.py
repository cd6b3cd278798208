"""Programs are killed whole, and none of them is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tools.torture.children import Child, Herd, TortureError, until
from tools.torture.journal import Journal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

WAITS = "import os, sys; print('up', os.getpid(), flush=True); os.read(0, 1)"
ON_A_LEASH = (
    "import os, signal; from tools.torture.apps import leash; leash.hold();"
    "print('up', os.getpid(), flush=True); signal.pause()"
)
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITS
PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
os.read(0, 1)
"""


def started(code: str, folder: Path) -> Child:
    return Child([sys.executable, "-c", code], {}, folder / "log")


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_herd_leaves_nothing_behind_even_after_an_error(tmp_path: Path) -> None:
    herd = Herd(tmp_path, {})

    def fail() -> None:
        with herd:
            children.append(herd.start("asyncio"))  # reads commands until its input ends
            assert children[0].code is None
            raise ZeroDivisionError

    children: list[Child] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert [child.code for child in children] == [-signal.SIGKILL]


def test_a_child_whose_parent_is_killed_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, ON_A_LEASH], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline().split()[1])
        parent.kill()
        parent.wait()
        anyio.run(until, lambda: not lives(child), "the child is gone")


async def test_a_child_that_does_not_end_is_told_of_with_what_it_said(tmp_path: Path) -> None:
    child = started(DEAF, tmp_path)
    try:
        await until(lambda: "up" in child.said(), "it is up", child)
        child.terminate()
        with pytest.raises(TortureError, match=r"did not end within 0.2 s\nup \d+"):
            await child.ended(0.2)
    finally:
        child.kill()


async def test_a_child_that_ended_is_not_waited_for(tmp_path: Path) -> None:
    child = started("raise SystemExit('no file')", tmp_path)
    with pytest.raises(TortureError, match="it ended with 1\nno file"):
        await until(lambda: False, "it works", child)
    child.kill()


async def test_what_never_holds_has_a_deadline(tmp_path: Path) -> None:
    with pytest.raises(TortureError, match=r"not within 0.05 s: pigs fly"):
        await until(lambda: False, "pigs fly", seconds=0.05)


def test_lines_of_several_writers_are_whole_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first, second = Journal(path), Journal(path)
    for number in range(3):
        first.add("a", number)
        second.add("b", number)
    assert first.count() == 6
    assert second.lines()[:3] == [["a", "0"], ["b", "0"], ["a", "1"]]
    with pytest.raises(OSError, match="not as wide as the others"):
        first.add("x" * 40)
    first.close()
    second.close()
