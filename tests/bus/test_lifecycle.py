"""Start, stop and crash, on asyncio and on trio."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Router, event, lifetime
from eventroute.errors import AdapterError, ConfigurationError, NotOpenError
from eventroute.testing import TestBus

Run: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Any]


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    return partial(anyio.run, backend=request.param)


def test_the_same_application_runs_on_both_event_loops(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    @router.subscribe(Placed)
    def thread(order: Placed) -> None: ...

    async def main() -> None:
        async with TestBus(router) as bus:
            await bus.publish(Placed())
            await bus.settled()
            assert bus.handled("handle") == bus.handled("thread") == [Placed()]

    run(main)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_handlers_finish(run: Run, number: signal.Signals) -> None:
    router = Router("r")
    done: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        os.kill(os.getpid(), number)
        await anyio.sleep(0.05)  # the work that the signal must not cut short
        done.append(order.order_id)

    async def main() -> None:
        bus = EventBus()
        bus.include(router)
        async with bus:
            await bus.publish(Placed())
            await bus.run()
            assert (await bus.depth("handle")).outstanding == 0

    run(main)
    assert done == ["7"]


def test_a_second_signal_gives_events_back_at_once(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await anyio.sleep(0.05)  # lets the first signal arrive
        os.kill(os.getpid(), signal.SIGTERM)
        await anyio.sleep_forever()

    async def main() -> None:
        bus = EventBus(grace=60)
        bus.include(router)
        async with bus:
            await bus.publish(Placed())
            await bus.run()
            assert (await bus.depth("handle")).ready == 1

    run(main)


def test_what_is_not_finished_within_the_grace_period_goes_back(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def stuck(order: Placed) -> None:
        bus.stop()
        await anyio.sleep_forever()

    bus = EventBus(grace=0.01)
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)
            depth = await bus.depth("stuck")
            assert (depth.ready, depth.in_flight) == (1, 0)

    run(main)
    assert bus.counts("stuck").released == 1


def test_events_that_no_slot_has_begun_are_left_in_the_queue(run: Run) -> None:
    router = Router("r")
    handled: list[str] = []

    @router.subscribe(Placed, concurrency=1)
    async def handle(order: Placed) -> None:
        handled.append(order.order_id)
        bus.stop()

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish_many([Placed(order_id=str(n)) for n in range(5)])
            await bus.run(handle_signals=False)
            assert (await bus.depth("handle")).ready == 4

    run(main)
    assert handled == ["0"]


def test_a_bus_can_run_again_after_it_stopped(run: Run) -> None:
    router = Router("r")
    handled: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        handled.append(order.order_id)
        bus.stop()

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            for number in ("1", "2"):
                await bus.publish(Placed(order_id=number))
                await bus.run(handle_signals=False)

    run(main)
    assert handled == ["1", "2"]


def test_a_stop_before_the_run_ends_it_at_once(run: Run) -> None:
    async def main() -> None:
        bus = EventBus()
        bus.include(Router("r"))
        bus.stop()
        bus.stop()
        await bus.run(handle_signals=False)

    run(main)


def test_a_bus_runs_once_at_a_time(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        with pytest.raises(NotOpenError, match="running already"):
            await bus.run(handle_signals=False)
        bus.stop()

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)

    run(main)


def test_opening_twice_at_once_opens_the_backend_once(run: Run) -> None:
    async def main() -> None:
        bus = EventBus()

        async def use() -> None:
            async with bus:
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(use)
        with pytest.raises(NotOpenError):
            await bus.publish(Placed())

    run(main)


def test_an_exception_that_ends_programs_ends_the_run(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def leave(order: Placed) -> None:
        raise SystemExit(3)

    bus = EventBus()
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)

    with pytest.raises(SystemExit):
        run(main)
    assert bus.counts("leave").retried == 1, "the event is given back first"


def test_a_cancelled_run_gives_events_back(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def stuck(order: Placed) -> None:
        begun.set()
        await anyio.sleep_forever()

    bus = EventBus()
    bus.include(router)
    begun = anyio.Event()

    async def main() -> None:
        async with bus, anyio.create_task_group() as group:
            await bus.publish(Placed())
            group.start_soon(partial(bus.run, handle_signals=False))
            await begun.wait()
            group.cancel_scope.cancel()

    run(main)
    assert bus.counts("stuck").released == 1


def test_a_failed_assertion_in_a_test_bus_comes_out_as_it_is(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(AssertionError, match=r"^plain$"):
            async with TestBus(Router("r")):
                raise AssertionError("plain")

    run(main)


def test_a_run_may_end_when_every_queue_is_empty(run: Run) -> None:
    router = Router("r")
    handled: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        handled.append(order.order_id)

    async def main() -> None:
        bus = EventBus()
        bus.include(router)
        async with bus:
            await bus.run(handle_signals=False, until_empty=True)
            await bus.publish_many([Placed(order_id=str(number)) for number in range(30)])
            await bus.run(handle_signals=False, until_empty=True)

    run(main)
    assert sorted(handled) == sorted(map(str, range(30)))


def test_two_runs_at_once_are_refused(run: Run) -> None:
    async def main() -> None:
        bus = EventBus()
        async with anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(NotOpenError, match="running already"):
                await bus.run(handle_signals=False)
            bus.stop()

    run(main)


def test_subscribers_are_those_that_the_bus_opened_with(run: Run) -> None:
    router = Router("r")

    async def main() -> None:
        async with TestBus(router) as bus:

            @router.subscribe(Placed)
            async def late(order: Placed) -> None: ...

            await bus.publish(Placed())
            await bus.settled()
            assert len(bus.subscribers) == 0
        assert bus.full_name("late") == "r.late"

    run(main)


def test_what_never_settles_is_reported_with_its_queue(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def stuck(order: Placed) -> None:
        begun.set()
        await anyio.sleep_forever()

    begun = anyio.Event()

    async def main() -> None:
        async with TestBus(router, grace=0) as bus:
            await bus.publish(Placed())
            await begun.wait()
            with pytest.raises(TimeoutError, match=r"r\.stuck has 0 ready, 0 delayed, 1 in flight"):
                await bus.settled(timeout=0.05)

    run(main)


def test_several_tasks_may_wait_until_all_is_settled(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        await anyio.sleep(0.01)

    async def main() -> None:
        async with TestBus(router) as bus, anyio.create_task_group() as group:
            await bus.publish(Placed())
            group.start_soon(bus.settled)
            group.start_soon(bus.settled)

    run(main)


def test_handlers_that_cannot_be_cancelled_are_told_of(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lifetime, "PATIENCE", 0.01)
    router = Router("r")
    given_up = anyio.Event()

    @router.subscribe(Placed)
    async def stubborn(order: Placed) -> None:
        bus.stop()
        with anyio.CancelScope(shield=True):
            await given_up.wait()

    bus = EventBus(grace=0)
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False, on_stuck=given_up.set)

    run(main)
    assert "handlers of r.stubborn do not end although they were cancelled" in caplog.text


def test_a_handler_that_hides_its_cancellation_and_returns_has_handled_its_event(run: Run) -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None:
        bus.stop()
        try:
            await anyio.sleep_forever()
        except BaseException:
            return

    bus = EventBus(grace=0)
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)
            assert (await bus.depth("handle")).outstanding == 0

    run(main)
    assert bus.counts("handle").handled == 1


def test_a_connected_bus_leaves_the_backend_as_it_is(run: Run, tmp_path: Path) -> None:
    options = {"path": str(tmp_path / "events.db")}

    def application(source: str, *names: str) -> EventBus:
        async def handle(event: Event) -> None: ...

        router = Router("r")
        for name in names:
            router.subscribe({"source": [source]}, name=name)(handle)
        bus = EventBus("sqlite", options=options)
        bus.include(router)
        return bus

    async def main() -> None:
        newest, old = application("new", "a"), application("old", "a", "gone")
        async with newest, old.connect():
            assert (await old.depth("a")).ready == 0
            await newest.publish(Event("new", "T", {}))
            await old.publish(Event("new", "T", {}))
            assert (await old.depth("a")).ready == 2
            with pytest.raises(AdapterError, match=r"no queue for 'r\.gone'"):
                await old.depth("gone")
            async with old:  # whoever opens it after all provisions
                assert (await old.depth("gone")).ready == 0

    run(main)


def test_a_connected_bus_makes_no_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    bus = EventBus("sqlite", options={"path": str(file)})

    async def main() -> None:
        async with bus.connect():
            pass

    with pytest.raises(ConfigurationError, match=f"there is no file {file}"):
        run(main)
    assert not file.exists()
    sqlite3.connect(file).close()
    file.touch()
    with pytest.raises(ConfigurationError, match=f"{file} has no tables of eventroute"):
        run(main)


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_a_bus_belongs_to_the_event_loop_that_opened_it(
    run: Run, backend: str, tmp_path: Path
) -> None:
    options = {"path": str(tmp_path / "events.db")} if backend == "sqlite" else {}
    bus = EventBus(backend, options=options, publish_timeout=1)
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed) -> None: ...

    bus.include(router)

    async def use() -> None:
        with pytest.raises(NotOpenError, match=r"another event loop.*anyio\.from_thread\.run"):
            await bus.publish(Placed())
        with pytest.raises(NotOpenError, match="another event loop"):
            await bus.depth("handle")
        with pytest.raises(NotOpenError, match="another event loop"):
            async with bus:
                pass

    def in_a_thread() -> None:
        anyio.run(use)
        anyio.from_thread.run(bus.publish, Placed())

    async def main() -> None:
        async with bus:
            with anyio.fail_after(20):
                await anyio.to_thread.run_sync(in_a_thread)
                assert (await bus.depth("handle")).ready == 1

    run(main)


def test_a_sqlite_adapter_refuses_another_event_loop(tmp_path: Path) -> None:
    bus = EventBus("sqlite", options={"path": str(tmp_path / "events.db")})

    async def look() -> None:
        with pytest.raises(NotOpenError, match="another event loop"):
            await bus.adapter.depth("q")

    async def main() -> None:
        async with bus:
            await anyio.to_thread.run_sync(anyio.run, look)

    anyio.run(main)
