"""Emulators of AWS, one for each process of the tests; an account of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import cache
from itertools import count
from typing import Final

import pytest
from botocore.loaders import create_loader

from tools.emulators import Emulator, NotAvailableError, localstack, ministack

from .kit import LOCALSTACK

_ACCOUNTS: Final = count(111_111_111_111)


@pytest.fixture(autouse=True, scope="session")
def one_loader() -> Generator[None]:
    """Read botocore's data files once for all sessions: a tenth of a second for each adapter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def running_ministack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    """Checks signatures and policies."""
    with ministack(tmp_path_factory.mktemp("ministack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    """Checks no signatures, so that a proxy may change requests; nor queue policies."""
    with ministack(tmp_path_factory.mktemp("lenient"), auth=False) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def running_localstack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    """Checks what is sent to SQS and SNS most strictly."""
    try:
        emulator = localstack(tmp_path_factory.mktemp("localstack"), install=LOCALSTACK)
    except NotAvailableError as error:
        pytest.skip(str(error))
    with emulator:
        yield emulator


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> str:
    """An account that no other test uses, whose credentials botocore finds."""
    number = str(next(_ACCOUNTS))
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for name, value in Emulator.credentials(number).items():
        monkeypatch.setenv(name, value)
    return number
