"""The wheel, installed where no checkout is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.xdist_group("packaging"), pytest.mark.timeout(300)]


def run(folder: Path, *command: str | Path) -> str:
    """Run a program away from the checkout; returns what it printed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "import_root", ["eventroute", "eventroute_aws", "eventroute_memory", "eventroute_sqlite"]
)
def test_an_import_root_comes_from_the_wheel(
    import_root: str, installed: Path, tmp_path: Path
) -> None:
    program = f"import {import_root}; print({import_root}.__file__)"
    file = run(tmp_path, installed / "python", "-I", "-c", program)
    assert file.startswith(str(installed.parent))


def test_our_adapters_are_found_by_name(installed: Path, tmp_path: Path) -> None:
    program = (
        "from importlib.metadata import entry_points\n"
        "for entry in sorted(entry_points(group='eventroute.adapters')):\n"
        "    print(entry.name, callable(entry.load()))"
    )
    assert (
        run(tmp_path, installed / "python", "-I", "-c", program)
        == "aws True\neventbridge True\nmemory True\nsns True\nsqlite True"
    )


def test_the_command_shows_its_help(installed: Path, tmp_path: Path) -> None:
    assert "Usage" in run(tmp_path, installed / "eventroute", "--help")


def test_the_schemas_can_be_read_from_the_package(installed: Path, tmp_path: Path) -> None:
    program = (
        "import json\n"
        "from importlib.resources import files\n"
        "schemas = [f for f in files('eventroute').joinpath('schemas').iterdir()]\n"
        "print(all(isinstance(json.loads(f.read_text()), dict) for f in schemas) and bool(schemas))"
    )
    assert run(tmp_path, installed / "python", "-I", "-c", program) == "True"


def test_prices_and_quotas_can_be_read_from_the_package(installed: Path, tmp_path: Path) -> None:
    program = "from eventroute.advise import limits, prices; print(prices().region, limits().date)"
    assert run(tmp_path, installed / "python", "-I", "-c", program).startswith("us-east-1 20")
