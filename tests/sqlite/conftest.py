"""What the tests of the SQLite backend share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the events of a test are kept."""
    return tmp_path / "events.db"
