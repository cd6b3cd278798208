"""Databases for the SQLAlchemy store."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, MetaData, NullPool, Table, Text, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from eventroute.idempotency import SQLAlchemyStore, idempotency_table

from ..postgres import Postgres

METADATA = MetaData()
MARKS = idempotency_table(METADATA)
INVOICES = Table("invoices", METADATA, Column("order_id", Text))

SYNC = ("sqlite+pysqlite", "postgresql+psycopg")
ASYNC = ("sqlite+aiosqlite", "postgresql+psycopg_async", "postgresql+asyncpg")


def make_engine(driver: str, request: pytest.FixtureRequest, folder: Path) -> Engine | AsyncEngine:
    """An engine of a new database with the tables; nothing is left open by it."""
    if driver.startswith("sqlite"):
        url = make_url(f"sqlite:///{folder / 'shop.db'}")
    else:
        pytest.importorskip(driver.partition("+")[2].removesuffix("_async"))
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    plain = create_engine(url, poolclass=NullPool)
    METADATA.create_all(plain)
    if driver in SYNC:
        return plain
    return create_async_engine(url.set(drivername=driver), poolclass=NullPool)


def make_store(driver: str, request: pytest.FixtureRequest, folder: Path) -> SQLAlchemyStore:
    """A store in a new database."""
    return SQLAlchemyStore(make_engine(driver, request, folder), MARKS)
