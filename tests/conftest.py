"""Fixtures that every test may use."""

from __future__ import annotations

import logging
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from .postgres import Postgres, running

ROOT = Path(__file__).resolve().parents[1]

# A busy machine is slow, not wrong: only pytest-timeout watches the clock.
# Laws are tried on each run, and on many more cases by `make fuzz`.
settings.register_profile(
    "eventroute", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("eventroute")


@pytest.fixture(autouse=True)
def logging_is_left_as_it_was() -> Generator[None]:
    """A test that silences the log silences what another one looks for."""

    def state() -> tuple[int, int, int]:
        return (
            logging.root.level,
            logging.root.manager.disable,
            logging.getLogger("eventroute").level,
        )

    before = state()
    yield
    assert state() == before


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Cases and events that others wrote; they lie beside the checkout, not in it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder.name!r} beside the checkout")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    """A PostgreSQL server, which a process of tests starts once, when a test needs it."""
    pytest.importorskip("psycopg", reason="no psycopg, the driver of PostgreSQL")
    with running() as server:
        yield server
