"""An emulator for each process of the tests, and an account of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest

from tools.emulators import Emulator, ministack

_ACCOUNTS = count(100_000_000_000)


@pytest.fixture(scope="session")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    """Does not check signatures, so that a proxy may change requests; nor queue policies."""
    folder: Path = tmp_path_factory.mktemp("ministack")
    with ministack(folder, auth=False) as emulator:
        yield emulator


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> str:
    """An account that no other test uses, whose credentials botocore finds."""
    number = f"{next(_ACCOUNTS)}"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for name, value in Emulator.credentials(number).items():
        monkeypatch.setenv(name, value)
    return number
