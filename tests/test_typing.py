"""What type checkers say of handlers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).parent / "typing_cases"


def mypy(root: Path, file: Path) -> set[int]:
    """Numbers of the lines that mypy finds wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", str(file)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return {int(line) for line in re.findall(rf"{file.name}:(\d+): error", done.stdout)}


def pyright(root: Path, file: Path) -> set[int]:
    """Numbers of the lines that pyright finds wrong."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson"),
            *("--pythonpath", sys.executable, "--project", str(CASES)),
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    report = json.loads(done.stdout)
    return {
        one["range"]["start"]["line"] + 1
        for one in report["generalDiagnostics"]
        if one["severity"] == "error" and Path(one["file"]).name == file.name
    }


@pytest.mark.parametrize("check", [mypy, pyright], ids=["mypy", "pyright"])
@pytest.mark.parametrize("file", ["accepted_handlers.py", "rejected_handlers.py"])
def test_a_handler_must_fit_what_it_subscribes_to(
    root: Path, check: Callable[[Path, Path], set[int]], file: str
) -> None:
    lines = (CASES / file).read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# rejected")}
    assert bool(expected) == file.startswith("rejected")
    assert check(root, CASES / file) == expected
