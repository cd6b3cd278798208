"""A configuration that cannot be used is told in one line, with the place in the application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Call, Module

APP = """from eventroute import EventBus

bus = EventBus.from_config()
"""


@pytest.mark.parametrize(
    ("configuration", "problems"),
    [
        (
            "[worker]\ngrce = 1\nconcurrncy = 2\n",
            ["worker.grce is not known; did you mean grace?; ", "did you mean concurrency?"],
        ),
        (
            'backend = "sqlite"\n[sqlite]\npth = "x"\ncapacity = 0\n',
            ["sqlite.capacity is 0: it should be", "; sqlite.pth is not known; did you mean path?"],
        ),
    ],
)
def test_every_problem_is_in_the_one_line(
    configuration: str,
    problems: list[str],
    call: Call,
    module: Module,
    tmp_path: Path,
) -> None:
    path = module("configured", APP)
    (tmp_path / "eventroute.toml").write_text(configuration)
    done = call("run", "configured:bus")
    assert done.code == 1
    assert f"importing configured failed at {path}:3: " in done.err
    assert all(problem in done.err for problem in problems), done.err
    assert (done.err.count("\n"), "\\n" in done.err) == (1, False)
