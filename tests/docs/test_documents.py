"""Every fenced block of the documentation does what it says."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tools.emulators import ministack

from .page import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


ON_AWS = {ROOT / "docs" / "sns.md"}


@pytest.fixture
def emulated_aws(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Generator[None]:
    """What botocore finds is an emulator."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with ministack(tmp_path_factory.mktemp("ministack")) as emulator:
        for name, value in emulator.variables().items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_works(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if path in ON_AWS:
        request.getfixturevalue("emulated_aws")
    Page(path, tmp_path).run(monkeypatch)
