"""Buses with an archive on an emulator."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tools.emulators import Emulator

from .world import World, plan_replays, world_on


@pytest.fixture
async def world(lenient: Emulator, account: str) -> AsyncGenerator[World]:
    """ministack, whose replays are as on AWS."""
    async with world_on(lenient, account) as world:
        plan_replays(world.proxy)
        yield world
