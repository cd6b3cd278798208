from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_demo_ends_with_a_table_of_what_each_service_did(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.shop"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    cells = {
        line.replace("│", " ").split()[0]: [
            int(cell) for cell in line.replace("│", " ").split()[1:]
        ]
        for line in done.stdout.splitlines()
        if "│" in line
    }
    assert {name: row[:2] + row[3:] for name, row in cells.items()} == {
        # service: events, handled, dead letters
        "processing.process": [6, 6, 0],
        "inventory.reserve": [6, 6, 0],
        "billing.invoice": [6, 4, 2],
        "shipping.dispatch": [6, 6, 0],
        "review.approve": [2, 2, 0],
        "timeline.show": [18, 18, 0],
    }
    assert "order no. 5: at /lines/0/quantity:" in done.stdout
    assert "billing.invoice, 3 attempts: ConnectionError" in done.stdout
    for order in (1001, 1002, 1003, 1004, 1006, 1007):
        assert f"{order}: 1 confirmed → 2 packed → 3 handed over" in done.stdout


def test_the_contracts_of_the_shop_are_what_its_models_say(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "examples.shop.contracts", str(tmp_path)], cwd=root, check=True
    )
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json"))
    assert len(written) == 3
    for path in written:
        assert (tmp_path / path).read_text() == (root / "schemas" / path).read_text()
