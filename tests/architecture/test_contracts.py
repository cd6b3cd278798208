"""The floors of the house hold."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"
ADAPTERS = sorted(
    path.name for path in (ROOT / "adapters").iterdir() if (path / "py.typed").exists()
)
OPEN_TO_ADAPTERS = {
    *("backend_options", "clock", "contract", "contract_store", "dialects", "envelope", "errors"),
    *("event_ids", "jsontext", "pattern", "port", "targets", "topology"),
}


@pytest.fixture(scope="module")
def contracts() -> dict[str, Any]:
    """The import contracts by their id."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {contract["id"]: contract for contract in linter["contracts"]}


@pytest.mark.skipif(not LINTER.exists(), reason="import-linter is only in the dev group")
def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [LINTER, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_adapter_is_under_contract(contracts: dict[str, Any]) -> None:
    assert set(contracts["strangers"]["modules"]) == set(ADAPTERS)
    assert set(contracts["port"]["source_modules"]) == set(ADAPTERS)
    assert set(ADAPTERS) <= set(contracts["no-backend"]["forbidden_modules"])


def test_every_room_above_the_port_is_closed_to_adapters(contracts: dict[str, Any]) -> None:
    rooms = {
        path.stem
        for path in (ROOT / "eventroute").iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    }
    closed = {name.removeprefix("eventroute.") for name in contracts["port"]["forbidden_modules"]}
    assert closed == rooms - OPEN_TO_ADAPTERS


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_imports_no_more_of_eventroute_than_its_port(adapter: str) -> None:
    # What of a pattern a broker's own filter carries is for adapters to ask.
    allowed = {f"eventroute.{room}" for room in (*OPEN_TO_ADAPTERS, "pattern.narrow")}
    beyond = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in (ROOT / "adapters" / adapter).rglob("*.py")
        for line, name in imports_of(path)
        if name.partition(".")[0] == "eventroute" and name not in allowed
    ]
    assert beyond == []


def imports_of(path: Path) -> list[tuple[int, str]]:
    """What a file imports, also for type checkers only, and on which line."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append((node.lineno, node.module or ""))
        elif isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
    return found
