"""``eventroute schema infer --from`` listens beside an application, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from eventroute import Event, EventBus

from ..command import Running, started

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ..conftest import Call

APP = """
from eventroute import Event, EventBus, Router

router = Router("billing")


@router.subscribe({"source": ["shop.orders"]})
def invoice(event: Event) -> None:
    raise RuntimeError("never called")


bus = EventBus("sqlite", options={"path": "events.db"})
bus.include(router)
alone = EventBus("memory")
alone.include(router)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "heard_app.py").write_text(APP)
    publish(tmp_path, Event("shop.orders", "Before", {"n": 0}))
    return tmp_path


def publish(folder: Path, *events: Event) -> int:
    """Publish as the application does; returns how many events wait for it."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("heard_app", folder / "heard_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    bus = EventBus("sqlite", options={"path": str(folder / "events.db")})
    bus.include(module.router)

    async def work() -> int:
        async with bus:
            await bus.publish_many(events)
            return (await bus.depth("invoice")).ready

    return anyio.run(work)


def draft(folder: Path, type_: str, topic: str = "shop.orders") -> Any:  # noqa: ANN401  any JSON
    return json.loads((folder / "contracts" / topic / type_ / "draft.json").read_text())


def queues(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "events.db") as connection:
        rows = connection.execute(
            "SELECT name FROM eventroute_queue WHERE name IS NOT NULL"
        ).fetchall()
    connection.close()
    return [name for (name,) in rows]


def listening(folder: Path, *arguments: str) -> AbstractContextManager[Running]:
    return started(
        *("schema", "infer", "--from", "heard_app:bus", "--registry", "contracts", *arguments),
        cwd=folder,
    )


def heard(running: Running) -> None:
    assert "listening" in running.stderr.readline()


def test_what_is_published_while_it_listens_is_inferred(folder: Path) -> None:
    with listening(folder, "--count", "2") as running:
        heard(running)
        publish(folder, Event("shop.orders", "Placed", {"n": 1}), Event("other", "T", {}))
        assert running.end().code == 0

    assert draft(folder, "Placed")["properties"] == {"n": {"type": "integer"}}
    assert draft(folder, "T", "other")["x-eventroute-samples"] == 1
    assert not (folder / "contracts/shop.orders/Before").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_what_was_seen_is_saved(folder: Path, number: signal.Signals) -> None:
    with listening(folder) as running:
        heard(running)
        publish(folder, Event("shop.orders", "Placed", {"n": 1}))
        deadline = monotonic() + 30
        while "eventroute.discovery" in waiting(folder):
            assert monotonic() < deadline
            sleep(0.02)
        done = running.end(number)

    assert (done.code, done.out.partition(",")[0]) == (0, "shop.orders/Placed: 1 event")


def waiting(folder: Path) -> list[str]:
    """The queues that hold an event."""
    with sqlite3.connect(folder / "events.db", timeout=30) as connection:
        rows = connection.execute(
            "SELECT DISTINCT q.name FROM eventroute_message m JOIN eventroute_queue q "
            "ON q.id = m.queue"
        ).fetchall()
    connection.close()
    return [name for (name,) in rows]


def test_its_queue_is_gone_afterwards_and_the_others_keep_what_they_had(folder: Path) -> None:
    with listening(folder, "--count", "1") as running:
        heard(running)
        assert sorted(queues(folder)) == ["billing.invoice", "eventroute.discovery"]
        publish(folder, Event("shop.orders", "Placed", {"n": 1}))
        assert running.end().code == 0

    assert queues(folder) == ["billing.invoice"]
    assert publish(folder) == 2


def test_after_so_many_seconds_it_ends(folder: Path) -> None:
    with listening(folder, "--seconds", "0") as running:
        done = running.end()
    assert (done.code, "no event was seen" in done.err) == (1, True)
    assert queues(folder) == ["billing.invoice"]


def test_only_events_that_match_are_seen(folder: Path) -> None:
    with listening(folder, "--count", "1", "--where", '{"source": ["other"]}') as running:
        heard(running)
        publish(folder, Event("shop.orders", "Placed", {"n": 1}), Event("other", "T", {}))
        assert running.end().out.startswith("other/T: 1 event")


def test_a_backend_that_lives_in_another_process_cannot_be_listened_to(
    call: Call, folder: Path
) -> None:
    done = call("schema", "infer", "--from", "heard_app:alone", "--registry", "contracts")
    assert done.code == 1
    assert "'memory' of heard_app:alone keeps its events in the process that runs it" in done.err


def test_the_registry_of_the_option_wins_over_one_that_the_bus_is_configured_with(
    folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[registry]\npath = "gone"\n\n[sqlite]\npath = "events.db"\n'
    (folder / "eventroute.toml").write_text(f'backend = "sqlite"\n{text}')
    (folder / "set_up_app.py").write_text(
        "from eventroute import EventBus\nbus = EventBus.from_config()\n"
    )
    (folder / "contracts").mkdir()
    monkeypatch.delitem(sys.modules, "set_up_app", raising=False)
    options = ("--seconds", "0", "--registry", "contracts")
    done = call("schema", "infer", "--from", "set_up_app:bus", *options)
    assert "no event was seen" in done.err
