"""Every fenced block of the documentation does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .page import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_works(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Page(path, tmp_path).run(monkeypatch)
