"""What only a database with many writers can show."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import anyio
import pytest
from sqlalchemy import URL, Engine, create_engine, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from eventroute.outbox import Relay, enqueue
from eventroute.outbox.claims import first_rows
from eventroute.testing import VirtualClock

from ..postgres import Postgres
from .kit import ORDERS, OUTBOX, Gate, Placed, Recorder, commit, drain, nothing_fails, waiting

KEYS = "abcdefgh"
RELAY = Path(__file__).with_name("relay_process.py")


@pytest.fixture
def url(postgres: Postgres) -> URL:
    """A PostgreSQL database only."""
    return postgres.new_database()


@contextmanager
def relaying(url: URL, file: Path, *, lease: float) -> Generator[subprocess.Popen[bytes]]:
    """A relay in a process of its own, which is killed in the end."""
    text_of = url.render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, RELAY, text_of, file, "10", str(lease)])
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


def lines(file: Path) -> list[tuple[str, int]]:
    """What was published: keys and steps."""
    if not file.exists():
        return []
    pairs = (line.split() for line in file.read_text().splitlines())
    return [(key, int(step)) for key, step in pairs]


def wait_until(what: Callable[[], bool]) -> None:
    """Wait for processes."""
    end = monotonic() + 60
    while not what():
        assert monotonic() < end, "it never came"
        sleep(0.005)


def test_relays_in_two_processes_publish_each_row_once_and_a_keys_in_order(
    engine: Engine, url: URL, tmp_path: Path
) -> None:
    file = tmp_path / "published"
    with ExitStack() as relays:
        for _ in range(2):
            relays.enter_context(relaying(url, file, lease=60))
        for step in range(40):  # while they are at work
            commit(engine, *[Placed(order_id=key, step=step) for key in KEYS])
        wait_until(lambda: waiting(engine) == 0)
    found = lines(file)
    assert sorted(found) == [(key, step) for key in KEYS for step in range(40)]
    for key in KEYS:
        assert [step for one, step in found if one == key] == list(range(40))


def test_a_relay_that_is_killed_loses_nothing_and_repeats_what_it_had_claimed_at_most(
    engine: Engine, url: URL, tmp_path: Path
) -> None:
    file = tmp_path / "published"
    commit(engine, *[Placed(order_id=key, step=step) for step in range(20) for key in KEYS])
    with relaying(url, file, lease=1) as victim:
        wait_until(lambda: len(lines(file)) > 25)
        victim.kill()
        victim.wait(30)
    assert waiting(engine) > 0, "it was killed in the middle"
    with relaying(url, file, lease=1):
        wait_until(lambda: waiting(engine) == 0)
    found = lines(file)
    assert len(found) - len(set(found)) <= 10, "its batch"
    first = sorted(set(found), key=found.index)
    for key in KEYS:
        assert [step for one, step in first if one == key] == list(range(20))


def test_a_transaction_whose_connection_is_cut_publishes_nothing(engine: Engine) -> None:
    recorder = Recorder()
    with Session(engine) as session:
        session.execute(ORDERS.insert().values(id="1"))
        enqueue(session, OUTBOX, Placed(order_id="1"))
        session.flush()
        session.connection().invalidate()  # the server sees its client go
    anyio.run(drain, Relay(engine, OUTBOX, recorder))
    assert (recorder.accepted, waiting(engine)) == ([], 0)


async def test_a_row_that_somebody_has_locked_holds_up_its_key_alone(engine: Engine) -> None:
    recorder = Recorder()
    commit(engine, *[Placed(order_id=key, step=step) for key in "ab" for step in (1, 2)])
    relay = Relay(engine, OUTBOX, recorder)
    with engine.begin() as other:
        query = select(OUTBOX.c.id).where(OUTBOX.c.key == "a").order_by(OUTBOX.c.id).limit(1)
        other.execute(query.with_for_update())
        with anyio.fail_after(30):
            await drain(relay)
        assert recorder.steps() == [("b", 1), ("b", 2)]
    await drain(relay)
    assert recorder.steps()[2:] == [("a", 1), ("a", 2)]


async def test_what_a_text_cannot_hold_of_an_error_does_not_keep_a_row_from_being_tried_again(
    engine: Engine,
) -> None:
    clock = VirtualClock()
    recorder = Recorder(lambda _: True, reason="the broker said \x00 its last")
    relay = Relay(engine, OUTBOX, recorder, clock=clock)
    commit(engine, Placed(order_id="1"))
    await relay.publish_pending()
    recorder.failing = nothing_fails
    clock.advance_to(1)
    await drain(relay)
    assert recorder.steps() == [("1", 0)]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_connection_that_is_cut_while_a_relay_publishes_repeats_nothing(
    engine: Engine, url: URL, asynchronous: bool
) -> None:
    slow = Gate()
    own = create_async_engine(url) if asynchronous else create_engine(url)
    commit(engine, Placed(order_id="1"))
    async with anyio.create_task_group() as group:
        group.start_soon(Relay(own, OUTBOX, slow).publish_pending)
        await slow.entered.wait()
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        slow.open.set()
    assert waiting(engine) == 0
    disposed = own.dispose()
    if disposed is not None:
        await disposed


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
async def test_relays_get_along_whatever_the_engines_isolation(
    url: URL, engine: Engine, level: str
) -> None:
    recorder = Recorder()
    strict = create_engine(url, isolation_level=level)
    commit(engine, *[Placed(order_id=key, step=step) for step in range(20) for key in KEYS])
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(drain, Relay(strict, OUTBOX, recorder, batch=7))
    await drain(Relay(strict, OUTBOX, recorder))
    strict.dispose()
    assert sorted(recorder.steps()) == [(key, step) for key in KEYS for step in range(20)]
    for key in KEYS:
        assert [step for one, step in recorder.steps() if one == key] == list(range(20))


async def test_a_long_queue_of_one_key_is_not_joined_with_itself(engine: Engine) -> None:
    commit(engine, *[Placed(order_id="a", step=step) for step in range(1_000)])
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
        query = first_rows(OUTBOX, 1.0, 100).compile(engine, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.scalars(text(f"EXPLAIN {query}")))
    assert "Join" not in plan
