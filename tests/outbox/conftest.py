"""The databases that the outbox is tried in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ..postgres import Postgres
from .kit import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database."""
    if request.param == "sqlite":
        return make_url(f"sqlite:///{tmp_path / 'shop.db'}")
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new_database()


@pytest.fixture
def engine(url: URL) -> Generator[Engine]:
    """The application's database, with its tables."""
    made = create_engine(url)
    METADATA.create_all(made)
    yield made
    made.dispose()


@pytest.fixture(params=["aiosqlite", "psycopg", "asyncpg"])
async def async_engine(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[AsyncEngine]:
    """The same for asyncio, with each driver."""
    driver: str = request.param
    if driver == "aiosqlite":
        made = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    else:
        pytest.importorskip(driver, reason=f"no {driver}, a driver of PostgreSQL")
        postgres: Postgres = request.getfixturevalue("postgres")
        made = create_async_engine(postgres.new_database().set(drivername=f"postgresql+{driver}"))
    async with made.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.dispose()
