from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from examples.shop.app import bus


@pytest.fixture
def demo(root: Path) -> Callable[..., str]:
    """Runs the demo, and gives what it printed."""

    def run(*around: str) -> str:
        done = subprocess.run(
            [sys.executable, *around, "-m", "examples.shop"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        return done.stdout

    return run


def table(printed: str) -> dict[str, list[int]]:
    """What each service did: events, handled, retries, dead letters."""
    rows = [line.replace("│", " ").split() for line in printed.splitlines() if "│" in line]
    return {name: [int(cell) for cell in cells] for name, *cells in rows}


def without_retries(printed: str) -> dict[str, list[int]]:
    return {name: row[:2] + row[3:] for name, row in table(printed).items()}


def lines_besides_the_table(printed: str) -> list[str]:
    """Every other line, without attempts, in no order."""
    lines = [line.rstrip() for line in printed.splitlines() if "│" not in line]
    return sorted(re.sub(r"\d+ attempts", "attempts", line) for line in lines)


def test_the_demo_ends_with_a_table_of_what_each_service_did(demo: Callable[..., str]) -> None:
    printed = demo()
    assert without_retries(printed) == {
        # service: events, handled, dead letters
        "processing.process": [6, 6, 0],
        "inventory.reserve": [6, 6, 0],
        "billing.invoice": [6, 4, 2],
        "shipping.dispatch": [6, 6, 0],
        "review.approve": [2, 2, 0],
        "timeline.show": [18, 18, 0],
    }
    assert "order no. 5: at /lines/0/quantity:" in printed
    assert "billing.invoice, 3 attempts: ConnectionError" in printed
    for order in (1001, 1002, 1003, 1004, 1006, 1007):
        assert f"{order}: 1 confirmed → 2 packed → 3 handed over" in printed


@pytest.mark.parametrize("backend", ["sns", "aws"])
def test_the_demo_ends_the_same_on_aws(demo: Callable[..., str], backend: str) -> None:
    in_memory = demo()
    on_aws = demo("-m", "tools.emulators", backend, sys.executable)
    assert without_retries(on_aws) == without_retries(in_memory)
    # SQS lists dead letters in any order, and counts an attempt each time that it hands one out.
    assert lines_besides_the_table(on_aws) == lines_besides_the_table(in_memory)
    retries = {name: row[2] for name, row in table(in_memory).items()}
    assert all(row[2] >= retries[name] for name, row in table(on_aws).items())


def test_the_contracts_of_the_shop_are_what_its_models_say(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "examples.shop.contracts", str(tmp_path)], cwd=root, check=True
    )
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json"))
    assert len(written) == 3
    for path in written:
        assert (tmp_path / path).read_text() == (root / "schemas" / path).read_text()


def test_the_shop_says_who_publishes_what() -> None:
    published = {router.name: [one.name for one in router.published] for router in bus.routers}
    assert {name: names for name, names in published.items() if names} == {
        "inbox": ["OrderReceived"],
        "processing": ["OrderPlaced", "OrderMoved"],
    }
