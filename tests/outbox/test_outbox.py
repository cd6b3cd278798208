"""The outbox in a real database, relayed to a bus and to publishers that fail."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Engine, MetaData, NullPool, create_engine, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from eventroute import Delivery, Event, EventBus, Router, event
from eventroute.errors import (
    ConfigurationError,
    DeclarationError,
    LimitExceededError,
    NotOpenError,
)
from eventroute.outbox import Relay, enqueue, outbox_table
from eventroute.registry import ContractPolicy, MemoryRegistry
from eventroute.testing import TestBus, VirtualClock

from .kit import ORDERS, OUTBOX, Gate, Placed, Recorder, commit, drain, nothing_fails, waiting


async def test_what_is_committed_is_published_and_what_is_rolled_back_is_not(
    engine: Engine,
) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    with Session(engine) as session:
        session.execute(ORDERS.insert().values(id="1"))
        enqueue(session, OUTBOX, Placed(order_id="1"))
        session.commit()
        enqueue(session, OUTBOX, Placed(order_id="2"))
        session.rollback()
    async with TestBus(router) as bus:
        assert await Relay(engine, OUTBOX, bus).publish_pending() == 1
        await bus.settled()
        assert bus.handled("handle") == [Placed(order_id="1")]
    assert waiting(engine) == 0


async def test_an_async_session_and_an_async_engine_do_the_same(async_engine: AsyncEngine) -> None:
    recorder = Recorder()
    async with AsyncSession(async_engine) as session, session.begin():
        sent = enqueue(session, OUTBOX, Placed(order_id="1"))
    await drain(Relay(async_engine, OUTBOX, recorder))
    assert recorder.accepted == [sent]
    async with async_engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(OUTBOX)) == 0


async def test_a_whole_event_keeps_its_bytes_and_its_id(engine: Engine) -> None:
    text = b'{"id":"1","source":"aws.s3","detail-type":"T","detail":{"size":1.0},"x":1}'
    recorder = Recorder()
    with Session(engine) as session, session.begin():
        enqueue(session, OUTBOX, Event.from_json(text))
    await drain(Relay(engine, OUTBOX, recorder))
    assert [one.to_json() for one in recorder.accepted] == [text]


async def test_headers_travel_with_the_event(engine: Engine) -> None:
    recorder = Recorder()
    with Session(engine) as session, session.begin():
        enqueue(session, OUTBOX, Placed(order_id="1"), headers={"traceparent": "00-1"})
        enqueue(session, OUTBOX, Placed(order_id="2"))
    await drain(Relay(engine, OUTBOX, recorder))
    assert recorder.headers == [{"traceparent": "00-1"}, None]


async def test_the_rows_of_a_key_are_published_in_their_order(engine: Engine) -> None:
    recorder = Recorder()
    commit(engine, *[Placed(order_id=key, step=step) for step in range(30) for key in "abcde"])
    await drain(Relay(engine, OUTBOX, recorder, batch=20))
    for key in "abcde":
        assert [step for found, step in recorder.steps() if found == key] == list(range(30))


async def test_a_failing_key_is_tried_again_under_the_same_id_and_blocks_only_itself(
    engine: Engine,
) -> None:
    clock = VirtualClock()
    recorder = Recorder(lambda one: one.detail["order_id"] == "bad")
    relay = Relay(engine, OUTBOX, recorder, clock=clock)
    sent = commit(
        engine, *[Placed(order_id=key, step=step) for step in (1, 2) for key in ("bad", "good")]
    )
    await drain(relay)
    assert recorder.steps() == [("good", 1), ("good", 2)]
    assert await relay.publish_pending() == 0, "its pause has not passed"
    recorder.failing = nothing_fails
    clock.advance_to(1)
    await drain(relay)
    assert recorder.steps()[2:] == [("bad", 1), ("bad", 2)]
    assert [one.id for one in recorder.tried].count(sent[0].id) == 2


async def test_the_pause_before_another_attempt_doubles_up_to_its_bound(engine: Engine) -> None:
    clock = VirtualClock()
    recorder = Recorder(lambda _: True)
    relay = Relay(engine, OUTBOX, recorder, clock=clock, longest_pause=4)
    commit(engine, Placed(order_id="1"))
    tried: list[float] = []
    for moment in range(14):
        clock.advance_to(moment)
        before = len(recorder.tried)
        await relay.publish_pending()
        tried += [moment] * (len(recorder.tried) - before)
    assert tried == [0, 1, 3, 7, 11]


async def test_a_row_says_how_often_it_was_tried_and_what_went_wrong(engine: Engine) -> None:
    commit(engine, Placed(order_id="1"))
    await Relay(engine, OUTBOX, Recorder(lambda _: True)).publish_pending()
    with engine.connect() as connection:
        row = connection.execute(select(OUTBOX.c.attempts, OUTBOX.c.error)).one()
    assert tuple(row) == (1, "the broker is away")


async def test_rows_without_a_key_do_not_wait_for_each_other(engine: Engine) -> None:
    recorder = Recorder(lambda one: one.detail["step"] == 1)
    commit(engine, *[Placed(order_id="1", step=step) for step in (1, 2)], ordered=False)
    await drain(Relay(engine, OUTBOX, recorder))
    assert recorder.steps() == [("1", 2)]


async def test_a_key_that_one_relay_has_is_left_alone_by_another(engine: Engine) -> None:
    slow, quick = Gate(), Recorder()
    commit(engine, Placed(order_id="a", step=1))
    async with anyio.create_task_group() as group:
        group.start_soon(Relay(engine, OUTBOX, slow).publish_pending)
        await slow.entered.wait()
        commit(engine, Placed(order_id="a", step=2), Placed(order_id="b", step=1))
        await drain(Relay(engine, OUTBOX, quick))
        assert quick.steps() == [("b", 1)]
        slow.open.set()
    await drain(Relay(engine, OUTBOX, quick))
    assert quick.steps() == [("b", 1), ("a", 2)]


async def test_another_relay_takes_over_when_a_claim_has_ended(engine: Engine) -> None:
    clock = VirtualClock()
    dead, other = Gate(), Recorder()
    commit(engine, *[Placed(order_id="a", step=step) for step in (1, 2)])
    async with anyio.create_task_group() as group:
        group.start_soon(Relay(engine, OUTBOX, dead, clock=clock, lease=60).publish_pending)
        await dead.entered.wait()
        relay = Relay(engine, OUTBOX, other, clock=clock)
        await drain(relay)
        assert other.steps() == []
        clock.advance_to(60)
        await drain(relay)
        assert other.steps() == [("a", 1), ("a", 2)]
        group.cancel_scope.cancel()


async def test_many_relays_at_once_publish_each_row_once_and_in_order(engine: Engine) -> None:
    recorder = Recorder()
    keys = [str(number) for number in range(10)]
    commit(engine, *[Placed(order_id=key, step=step) for step in range(10) for key in keys])
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(drain, Relay(engine, OUTBOX, recorder, batch=7))
    await drain(Relay(engine, OUTBOX, recorder))
    assert sorted(recorder.steps()) == sorted((key, step) for key in keys for step in range(10))
    for key in keys:
        assert [step for found, step in recorder.steps() if found == key] == list(range(10))


async def test_a_cancelled_relay_gives_back_what_it_had_claimed(engine: Engine) -> None:
    slow, other = Gate(), Recorder()
    commit(engine, Placed(order_id="1"))
    async with anyio.create_task_group() as group:
        group.start_soon(Relay(engine, OUTBOX, slow).publish_pending)
        await slow.entered.wait()
        group.cancel_scope.cancel()
    await drain(Relay(engine, OUTBOX, other))
    assert len(other.accepted) == 1


async def test_a_publish_that_never_ends_is_given_up_before_the_claim_ends(
    engine: Engine,
) -> None:
    commit(engine, Placed(order_id="1"))
    assert await Relay(engine, OUTBOX, Gate(), lease=0.02).publish_pending() == 0
    with engine.connect() as connection:
        assert "no answer within" in (connection.scalar(select(OUTBOX.c.error)) or "")


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_running_relay_publishes_what_it_is_woken_for_until_it_is_stopped(
    engine: Engine, loop: str
) -> None:
    recorder = Recorder()

    async def main() -> None:
        relay = Relay(engine, OUTBOX, recorder, poll_interval=3600)
        async with anyio.create_task_group() as group:
            group.start_soon(relay.run)
            await anyio.wait_all_tasks_blocked()
            await anyio.to_thread.run_sync(partial(commit, engine, Placed(order_id="1")))
            relay.wake()
            with anyio.fail_after(30):
                while not recorder.accepted:
                    await anyio.sleep(0.005)
            relay.stop()

    anyio.run(main, backend=loop)
    assert waiting(engine) == 0


async def test_a_relay_looks_again_after_its_interval(engine: Engine) -> None:
    clock = VirtualClock()
    recorder = Recorder()
    relay = Relay(engine, OUTBOX, recorder, poll_interval=5, clock=clock)
    async with anyio.create_task_group() as group:
        group.start_soon(relay.run)
        with anyio.fail_after(30):
            commit(engine, Placed(order_id="1"))
            while not recorder.accepted:
                clock.advance_to(clock.now() + 5)
                await anyio.sleep(0.005)
        relay.stop()


async def test_a_relay_outlives_a_database_that_fails_for_a_while(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    clock = VirtualClock()
    recorder = Recorder()
    OUTBOX.drop(engine)
    relay = Relay(engine, OUTBOX, recorder, clock=clock)
    async with anyio.create_task_group() as group:
        group.start_soon(relay.run)
        with anyio.fail_after(30):
            while "cannot be read" not in caplog.text:
                await anyio.sleep(0.005)
            OUTBOX.create(engine)
            commit(engine, Placed(order_id="1"))
            while not recorder.accepted:
                clock.advance_to(clock.now() + 1)
                await anyio.sleep(0.005)
        relay.stop()


async def test_a_relay_outlives_a_driver_that_cannot_connect_and_asks_less_and_less_often(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    OUTBOX.metadata.create_all(engine)
    commit(engine, Placed(order_id="1"))
    clock, recorder = VirtualClock(), Recorder()
    tries: list[float] = []

    def connect() -> object:
        tries.append(clock.now())
        if len(tries) <= 4:
            raise ConnectionRefusedError(111, "Connect call failed")  # drivers do not wrap it
        return sqlite3.connect(tmp_path / "shop.db", check_same_thread=False)

    failing = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    relay = Relay(failing, OUTBOX, recorder, clock=clock)
    async with anyio.create_task_group() as group:
        group.start_soon(relay.run)
        with anyio.fail_after(30):
            while not recorder.accepted:
                alarm = clock.next_alarm()
                if alarm is not None:
                    clock.advance_to(alarm)
                await anyio.sleep(0.002)
        relay.stop()
    assert tries[:5] == [0, 0, 1, 1, 3], "each look settles, too"
    engine.dispose()
    assert "Connect call failed" in caplog.text


async def test_a_bus_that_is_not_open_ends_the_relay_and_keeps_the_rows(engine: Engine) -> None:
    commit(engine, Placed(order_id="1"))
    with pytest.raises(NotOpenError):
        await Relay(engine, OUTBOX, EventBus()).run()
    recorder = Recorder()
    await drain(Relay(engine, OUTBOX, recorder))
    assert len(recorder.accepted) == 1


async def test_a_row_that_is_no_event_is_kept_with_the_reason(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(OUTBOX.insert().values(body=b"{}", attempts=0, due=0.0))
    commit(engine, Placed(order_id="1"))
    recorder = Recorder()
    await drain(Relay(engine, OUTBOX, recorder))
    assert (len(recorder.accepted), waiting(engine)) == (1, 1)


def test_two_outboxes_can_share_a_database(engine: Engine) -> None:
    other = outbox_table(MetaData(), "other_outbox")
    other.create(engine)
    with Session(engine) as session, session.begin():
        enqueue(session, other, Placed(order_id="1"))
    assert waiting(engine) == 0


def test_a_table_that_is_no_outbox_is_refused(engine: Engine) -> None:
    with (
        Session(engine) as session,
        pytest.raises(
            DeclarationError, match="'orders' is no outbox; declare it with outbox_table"
        ),
    ):
        enqueue(session, ORDERS, Placed(order_id="1"))


def test_a_key_that_is_too_long_is_refused(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(LimitExceededError, match="256 characters"):
        enqueue(session, OUTBOX, Placed(order_id="1"), key="k" * 256)


def test_a_number_that_cannot_work_is_refused(engine: Engine) -> None:
    with pytest.raises(ConfigurationError, match=r"Relay\(lease=0\)"):
        Relay(engine, OUTBOX, Recorder(), lease=0)


def test_without_sqlalchemy_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from eventroute.errors import MissingExtraError\n"
        "try:\n    import eventroute.outbox\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert 'pip install "eventroute[sqlalchemy]"' in done.stdout


@event("shop", "Placed", version=2)
class Placed2(Placed):
    country: str = "KR"


async def test_a_relayed_event_names_the_version_of_its_payload_whatever_is_registered(
    engine: Engine,
) -> None:
    router = Router("r")

    @router.subscribe({"source": ["shop"]})
    async def handle(delivery: Delivery) -> None:
        versions.append(delivery.version)

    versions: list[int | None] = []
    untyped = Event("shop", "Placed", {"order_id": "1", "country": "JP"})
    with Session(engine) as session, session.begin():
        enqueue(session, OUTBOX, Placed(order_id="1"), key="k")
        enqueue(session, OUTBOX, Placed2(order_id="1"), key="k")
        enqueue(session, OUTBOX, untyped, key="k", version=1)
        enqueue(session, OUTBOX, untyped, key="k", headers={"trace": "7"})
    policy = ContractPolicy(MemoryRegistry([Placed, Placed2]))
    async with TestBus(router, contracts=policy, concurrency=1) as bus:
        await drain(Relay(engine, OUTBOX, bus))
        await bus.settled()
    assert versions == [None, 2, None, 2]


@pytest.mark.parametrize(
    ("headers", "version", "message"),
    [
        ({"eventroute-version": "2"}, None, "eventroute's own"),
        ({"trace": "\n"}, None, "printable ASCII"),
        (None, 0, "must be a whole number from 1"),
        (None, 1, "goes with an Event; a payload says its own"),
    ],
)
def test_what_cannot_travel_beside_an_event_is_refused_before_it_is_committed(
    engine: Engine, headers: dict[str, str] | None, version: int | None, message: str
) -> None:
    with Session(engine) as session, pytest.raises(DeclarationError, match=message):
        enqueue(
            session,
            OUTBOX,
            Event("shop", "Placed", {}) if version == 0 else Placed(order_id="1"),
            headers=headers,
            version=version,
        )
    assert waiting(engine) == 0
