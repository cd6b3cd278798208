"""A program outside the checkout sees our types, from the editable install and from the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.xdist_group("packaging"), pytest.mark.timeout(300)]

PROGRAM = """
from typing_extensions import assert_type

from eventroute import Event, Router
from eventroute.port import AdapterFactory
from eventroute_memory import create

factory: AdapterFactory = create
assert_type(Router("billing"), Router)


def size_of(event: Event) -> int:
    wrong: str = event.id
    return len(wrong)
"""
MISTAKE = "wrong: int = event.id"


def mypy(python: Path, *programs: Path) -> list[str | Path]:
    """The command that checks programs as they run on a Python."""
    options = ["--strict", "--no-incremental", "--python-executable"]
    return [sys.executable, "-m", "mypy", *options, python, *programs]


def pyright(python: Path, *programs: Path) -> list[str | Path]:
    """The command that checks programs as they run on a Python."""
    return [sys.executable, "-m", "pyright", "--pythonpath", python, *programs]


@pytest.mark.parametrize(
    ("checker", "install"),
    # mypy takes long; what it says of the sources, tests/test_typing.py tells.
    [(mypy, "wheel"), (pyright, "wheel"), (pyright, "editable")],
    ids=["wheel-mypy", "wheel-pyright", "editable-pyright"],
)
def test_a_program_is_checked_against_our_types(
    checker: Callable[..., list[str | Path]],
    install: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    python = Path(sys.executable)
    if install == "wheel":
        python = request.getfixturevalue("installed") / "python"
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(PROGRAM)
    wrong.write_text(PROGRAM.replace("wrong: str = event.id", MISTAKE))
    done = subprocess.run(
        checker(python, right, wrong), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    found = re.findall(r"(\w+)\.py:(\d+).* error", done.stdout)
    line = 1 + wrong.read_text().splitlines().index(f"    {MISTAKE}")
    assert ("wrong", str(line)) in found, "a mistake was not seen: Event has no types"
    assert not [name for name, _ in found if name != "wrong"], done.stdout + done.stderr
