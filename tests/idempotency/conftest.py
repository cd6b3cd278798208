"""Every store, so that what a store promises is asked of each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest

from eventroute.idempotency import IdempotencyStore, MemoryStore, SQLiteStore

from .databases import ASYNC, SYNC, make_store

Run: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a main function on each event loop."""
    return partial(anyio.run, backend=request.param)


@pytest.fixture(params=["memory", "sqlite", *SYNC, *ASYNC])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> IdempotencyStore:
    """A store that nobody has opened."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "sqlite":
        return SQLiteStore(tmp_path / "store.db")
    if request.param in ASYNC and "run" in request.fixturenames:
        run: partial[object] = request.getfixturevalue("run")
        if run.keywords["backend"] == "trio":
            pytest.skip("SQLAlchemy's AsyncEngine runs on asyncio only")
    return make_store(request.param, request, tmp_path)
