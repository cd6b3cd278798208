"""Emulators of AWS, one a worker; an account of its own for each test."""

from __future__ import annotations

from collections.abc import Generator
from itertools import count
from typing import Final

import pytest

from tools.emulators import Emulator, NotAvailableError, localstack, ministack

_ACCOUNTS: Final = count(111_111_111_111)


@pytest.fixture(scope="session")
def running_ministack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    with ministack(tmp_path_factory.mktemp("ministack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def running_localstack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    try:
        emulator = localstack(tmp_path_factory.mktemp("localstack"))
    except NotAvailableError as error:
        pytest.skip(str(error))
    with emulator:
        yield emulator


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> str:
    """An account that nobody else has; its credentials are those of this process."""
    account = str(next(_ACCOUNTS))
    for name, value in Emulator.credentials(account).items():
        monkeypatch.setenv(name, value)
    return account
