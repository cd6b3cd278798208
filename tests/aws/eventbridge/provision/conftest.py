"""Provisioners on an emulator, and eyes to look at what they made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from tools.emulators import Emulator

from .account import Account


@pytest.fixture
async def aws(running_ministack: Emulator, account: str) -> AsyncGenerator[Account]:
    """An empty account on ministack, which checks neither limits nor what is in the way."""
    async with AsyncExitStack() as stack:
        yield await Account.enter(stack, running_ministack.options(account))


@pytest.fixture
async def strict_aws(running_localstack: Emulator, account: str) -> AsyncGenerator[Account]:
    """An empty account on LocalStack, which deletes no rule that has targets."""
    async with AsyncExitStack() as stack:
        yield await Account.enter(stack, running_localstack.options(account))
