"""The emulators that a consumer is tested on."""

from __future__ import annotations

import pytest

from tools.emulators import Emulator


@pytest.fixture
def emulator(running_ministack: Emulator) -> Emulator:
    """The small one."""
    return running_ministack


@pytest.fixture
def strict(running_localstack: Emulator) -> Emulator:
    """The one that is strict about receipts, and knows FIFO queues well."""
    return running_localstack
