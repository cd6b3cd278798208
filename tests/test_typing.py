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


pytestmark = pytest.mark.xdist_group("typing")  # one run of a checker serves both files

FILES = ("accepted_handlers.py", "rejected_handlers.py")


def mypy(root: Path) -> set[tuple[str, int]]:
    """Files and numbers of the lines that mypy finds wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", *(str(CASES / one) for one in FILES)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"(\w+\.py):(\d+): error", done.stdout)
    return {(name, int(line)) for name, line in found}


def pyright(root: Path) -> set[tuple[str, int]]:
    """Files and numbers of the lines that pyright finds wrong."""
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
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in report["generalDiagnostics"]
        if one["severity"] == "error"
    }


@pytest.fixture(scope="module", params=[mypy, pyright], ids=["mypy", "pyright"])
def wrong(request: pytest.FixtureRequest, root: Path) -> set[tuple[str, int]]:
    """What a type checker finds wrong."""
    check: Callable[[Path], set[tuple[str, int]]] = request.param
    return check(root)


@pytest.mark.parametrize("file", FILES)
def test_a_handler_must_fit_what_it_subscribes_to(wrong: set[tuple[str, int]], file: str) -> None:
    lines = (CASES / file).read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# rejected")}
    assert bool(expected) == file.startswith("rejected")
    assert {line for name, line in wrong if name == file} == expected
