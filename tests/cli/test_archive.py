"""``eventroute archive`` shows what a backend keeps for replays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Call, Module

APP = '''
import asyncio
from dataclasses import replace

from eventroute import Event, EventBus, Router
from eventroute.port import ArchiveState
from eventroute.testing.conformance import AdapterWrapper
from eventroute_memory import create
from eventroute_sqlite import create as create_sqlite

router = Router("shop")


@router.subscribe({"source": ["s"]})
def first(event: Event) -> None:
    """Never called."""


class Durable(AdapterWrapper):
    """Stands for a backend that outlives the process, and tells nothing of its archive."""

    @property
    def capabilities(self):
        return replace(self.adapter.capabilities, durable=True)

    async def replay(self, replay):
        return 0


class Remote(Durable):
    """Tells everything."""

    async def describe_archive(self):
        return ArchiveState("archive far", "creating", None, None, None, None, notes=("Soon.",))


def made(backend, **options):
    bus = EventBus(backend, options=options)
    bus.include(router)
    return bus


kept = made("sqlite", path="kept.db", retention=90_000)
forgetful = made("sqlite", path="forgetful.db")
memory = made("memory", archive=5)
silent = made(lambda options, clock: Durable(create(options, clock)))
remote = made(lambda options, clock: Remote(create(options, clock)))


async def publish():
    async with kept:
        for n in range(3):
            await kept.publish(Event("s", "T", {"n": n}))


def published():
    asyncio.run(publish())
'''


@pytest.fixture(autouse=True)
def app(module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module("keeping", APP)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def three_published() -> None:
    """Three events in the archive of ``keeping:kept``."""
    __import__("keeping").published()


@pytest.mark.usefixtures("three_published")
def test_an_archive_is_shown_with_what_it_keeps(call: Call) -> None:
    done = call("archive", "keeping:kept")
    lines = [line.split(maxsplit=1) for line in done.out.splitlines()]
    assert done.code == 0
    assert done.out.startswith("archive in the file kept.db\n  state      enabled\n")
    assert ["events", "3"] in lines
    assert done.out.endswith("  kept for   1 day, 1:00:00\n")


@pytest.mark.usefixtures("three_published")
def test_the_same_as_json(call: Call) -> None:
    shown = json.loads(call("archive", "keeping:kept", "--json").out)
    since = datetime.fromisoformat(shown.pop("since"))
    assert abs(datetime.now(UTC) - since) < timedelta(minutes=5)
    assert shown.pop("bytes") > 100
    assert shown == {
        "resource": "archive in the file kept.db",
        "state": "enabled",
        "events": 3,
        "retention": 90_000,
        "capacity": None,
        "notes": [],
    }


def test_what_the_backend_does_not_tell_is_said_and_notes_are_shown(call: Call) -> None:
    done = call("archive", "keeping:remote")
    assert done.out.splitlines() == [
        "archive far",
        "  state      creating",
        "  events     not told",
        "  bytes      not told",
        "  kept for   ever",
        "Soon.",
    ]


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("keeping:memory", "call bus.archive_state() there"),
        ("keeping:forgetful", "there is no file forgetful.db"),
        ("keeping:silent", "does not tell what its archive keeps"),
    ],
)
def test_what_cannot_be_shown_is_one_line(target: str, complaint: str, call: Call) -> None:
    done = call("archive", target)
    assert done.code == 1
    assert complaint in done.err
    assert done.err.count("\n") == 1
