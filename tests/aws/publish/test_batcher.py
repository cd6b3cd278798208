"""How entries of many callers come together in requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial

import anyio
import pytest

from eventroute.errors import (
    AdapterError,
    EventRouteError,
    LimitExceededError,
    NotOpenError,
    OutcomeUnknownError,
    PublishTimeoutError,
)
from eventroute_aws.batching import Batcher
from tests.aws.publish.service import Parcel, Service, batcher_for

Run = Callable[[Callable[[], Awaitable[None]]], None]

AGES = 3_600.0


@pytest.fixture(params=["anyio", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Either way to start a program: under asyncio's, anyio knows no clock outside of tasks."""
    if request.param == "anyio":
        return partial(anyio.run, backend="asyncio")
    return _run_by_asyncio


def _run_by_asyncio(main: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await main()

    Context().run(asyncio.run, whole())  # without what anyio noted in that of the tests


def parcels(names: str, key: str | None = None) -> list[Parcel]:
    return [Parcel(name, key=key) for name in names]


async def submitted(
    batcher: Batcher[Parcel],
    entries: Sequence[Parcel],
    into: dict[str, EventRouteError | None],
    timeout: float = AGES,
) -> None:
    outcomes = await batcher.submit(entries, timeout=timeout)
    into.update(zip((entry.name for entry in entries), outcomes, strict=True))


def test_entries_of_one_call_travel_together_in_their_order(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service) as batcher:
            assert await batcher.submit(parcels("abc"), timeout=AGES) == [None, None, None]
        assert service.requests == [["a", "b", "c"]]

    run(main)


def test_callers_of_the_same_moment_share_a_request_even_without_linger(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            for name in "abcd":
                group.start_soon(submitted, batcher, parcels(name), {})
        assert [sorted(request) for request in service.requests] == [["a", "b", "c", "d"]]

    run(main)


def test_a_lone_entry_is_sent_when_it_has_lingered(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=0.001) as batcher:
            assert await batcher.submit(parcels("a"), timeout=AGES) == [None]
            assert await batcher.submit(parcels("b"), timeout=AGES) == [None]
        assert service.requests == [["a"], ["b"]]

    run(main)


def test_entries_linger_for_others(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=AGES, max_entries=2) as batcher:
            async with anyio.create_task_group() as group:
                group.start_soon(submitted, batcher, parcels("a"), {})
                await anyio.wait_all_tasks_blocked()
                assert service.requests == []
                group.start_soon(submitted, batcher, parcels("b"), {})
            assert service.requests == [["a", "b"]]

    run(main)


def test_a_request_that_is_full_of_entries_does_not_linger(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=AGES) as batcher:
            await batcher.submit(parcels("abcdefghij"), timeout=AGES)
        assert service.requests == [list("abcdefghij")]

    run(main)


def test_a_request_that_is_full_of_bytes_does_not_linger(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=AGES, max_bytes=10) as batcher:
            await batcher.submit([Parcel("a", size=6), Parcel("b", size=4)], timeout=AGES)
        assert service.requests == [["a", "b"]]

    run(main)


def test_an_entry_that_does_not_fit_goes_with_the_next_request(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, max_bytes=10, max_calls=1) as batcher:
            sizes = {"a": 6, "b": 5, "c": 5, "d": 11, "e": 1}
            entries = [Parcel(name, size=size) for name, size in sizes.items()]
            assert await batcher.submit(entries, timeout=AGES) == [None] * 5
        assert service.requests == [["a"], ["b", "c"], ["d"], ["e"]]

    run(main)


def test_what_waits_for_a_free_call_fills_the_next_request(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        async with (
            batcher_for(service, max_calls=1) as batcher,
            anyio.create_task_group() as group,
        ):
            for name in "abc":
                group.start_soon(submitted, batcher, parcels(name), {})
                await anyio.wait_all_tasks_blocked()
            assert service.requests == [["a"]]
            service.open.set()
        assert service.requests == [["a"], ["b", "c"]]

    run(main)


def test_nothing_is_never_sent(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service) as batcher:
            assert await batcher.submit([], timeout=AGES) == []
        assert service.requests == []

    run(main)


def test_each_caller_hears_of_its_own_entries(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.failing = {"b": LimitExceededError("too large")}
        found: dict[str, EventRouteError | None] = {}
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            for name in "abc":
                group.start_soon(submitted, batcher, parcels(name), found)
        assert len(service.requests) == 1
        assert found == {"a": None, "b": service.failing["b"], "c": None}

    run(main)


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (AdapterError("later"), AdapterError),
        (OutcomeUnknownError("silence"), OutcomeUnknownError),
        (ZeroDivisionError("a fault"), OutcomeUnknownError),
    ],
)
def test_what_a_request_raises_is_the_outcome_of_all_its_entries(
    run: Run, raised: Exception, meant: type[EventRouteError]
) -> None:
    async def fail(entries: Sequence[Parcel]) -> Sequence[EventRouteError | None]:
        raise raised

    async def main() -> None:
        async with anyio.create_task_group() as group:
            batcher: Batcher[Parcel] = Batcher(
                group, fail, max_entries=10, max_bytes=10, linger=0, max_calls=1
            )
            outcomes = await batcher.submit(parcels("ab"), timeout=AGES)
            assert [type(outcome) for outcome in outcomes] == [meant, meant]
            await batcher.close()

    run(main)


def test_of_one_key_only_one_entry_is_under_way(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        entries = [Parcel("a1", key="a"), Parcel("a2", key="a"), Parcel("b1", key="b")]
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            group.start_soon(submitted, batcher, entries, {})
            group.start_soon(submitted, batcher, [Parcel("c1", key="c")], {})
            await anyio.wait_all_tasks_blocked()
            assert [sorted(request) for request in service.requests] == [["a1", "b1", "c1"]]
            service.open.set()
        assert service.requests[1:] == [["a2"]]

    run(main)


def test_a_key_that_waits_holds_no_other_key_back(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            group.start_soon(submitted, batcher, parcels("ab", key="slow"), {})
            await anyio.wait_all_tasks_blocked()
            group.start_soon(submitted, batcher, parcels("c", key="quick"), {})
            await anyio.wait_all_tasks_blocked()
            assert service.requests == [["a"], ["c"]]
            service.open.set()

    run(main)


def test_an_entry_behind_one_of_its_key_does_not_linger_again(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=AGES, max_entries=1) as batcher:
            await batcher.submit(parcels("abc", key="k"), timeout=AGES)
        assert service.requests == [["a"], ["b"], ["c"]]

    run(main)


def test_what_is_behind_a_failure_of_its_key_is_not_sent(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.failing = {"a2": OutcomeUnknownError("silence")}
        names = ["a1", "b1", "a2", "a3", "b2", "a4"]
        entries = [Parcel(name, key=name[0]) for name in names]
        found: dict[str, EventRouteError | None] = {}
        async with batcher_for(service) as batcher:
            await submitted(batcher, entries, found)
        assert [name for name in names if found[name] is None] == ["a1", "b1", "b2"]
        assert found["a2"] is service.failing["a2"]
        for name in ("a3", "a4"):
            assert type(found[name]) is AdapterError
            assert "an earlier event with the same ordering key was not published" in str(
                found[name]
            )
        assert sorted(service.answered) == ["a1", "a2", "b1", "b2"]

    run(main)


def test_what_can_never_be_sent_holds_nothing_back(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.failing = {"a": LimitExceededError("too large")}
        async with batcher_for(service) as batcher:
            outcomes = await batcher.submit(parcels("ab", key="k"), timeout=AGES)
        assert outcomes == [service.failing["a"], None]

    run(main)


def test_a_failure_does_not_concern_other_callers_of_its_key(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.failing = {"a": AdapterError("later")}
        found: dict[str, EventRouteError | None] = {}
        service.shut()
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            group.start_soon(submitted, batcher, parcels("a", key="k"), found)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(submitted, batcher, parcels("b", key="k"), found)
            await anyio.wait_all_tasks_blocked()
            service.open.set()
        assert found == {"a": service.failing["a"], "b": None}

    run(main)


def test_what_was_not_sent_in_time_is_withdrawn(run: Run) -> None:
    async def main() -> None:
        service = Service()
        async with batcher_for(service, linger=AGES) as batcher:
            (late,) = await batcher.submit(parcels("a"), timeout=0)
            assert type(late) is PublishTimeoutError
        assert service.requests == []

    run(main)


def test_of_what_was_not_answered_in_time_nobody_knows(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        async with batcher_for(service, max_calls=1) as batcher:
            outcomes = await batcher.submit(parcels("ab", key="k"), timeout=0.01)
            assert [type(one) for one in outcomes] == [OutcomeUnknownError, PublishTimeoutError]
            service.open.set()
            # The first is still under way, so what follows keeps behind it.
            assert await batcher.submit(parcels("c", key="k"), timeout=AGES) == [None]
            assert [type(one) for one in outcomes] == [OutcomeUnknownError, PublishTimeoutError]
        assert service.requests == [["a"], ["c"]]

    run(main)


def test_a_cancelled_caller_takes_back_what_was_not_sent(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        found: dict[str, EventRouteError | None] = {}
        async with batcher_for(service, max_calls=1) as batcher:
            async with anyio.create_task_group() as others:
                async with anyio.create_task_group() as group:
                    group.start_soon(submitted, batcher, parcels("a"), {})
                    await anyio.wait_all_tasks_blocked()
                    group.start_soon(submitted, batcher, parcels("bc", key="k"), {})
                    await anyio.wait_all_tasks_blocked()
                    others.start_soon(submitted, batcher, parcels("d", key="k"), found)
                    await anyio.wait_all_tasks_blocked()
                    group.cancel_scope.cancel()
                service.open.set()
            assert found == {"d": None}
        assert service.requests == [["a"], ["d"]]
        assert service.answered == ["a", "d"]

    run(main)


def test_closing_sends_what_lingers_and_waits_for_all_answers(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        found: dict[str, EventRouteError | None] = {}
        async with (
            batcher_for(service, linger=AGES, max_calls=1) as batcher,
            anyio.create_task_group() as group,
        ):
            group.start_soon(submitted, batcher, parcels("ab", key="k"), found)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(batcher.close)
            await anyio.wait_all_tasks_blocked()
            assert service.requests == [["a"]]
            service.open.set()
            await batcher.close()
            assert service.answered == ["a", "b"]
        assert found == {"a": None, "b": None}

    run(main)


def test_a_closed_batcher_takes_nothing(run: Run) -> None:
    async def main() -> None:
        async with batcher_for(Service()) as batcher:
            await batcher.close()
            with pytest.raises(NotOpenError, match="closed"):
                await batcher.submit(parcels("a"), timeout=AGES)

    run(main)


def test_callers_are_answered_when_the_requests_are_cancelled(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        found: dict[str, EventRouteError | None] = {}
        async with anyio.create_task_group() as callers, anyio.create_task_group() as group:
            batcher: Batcher[Parcel] = Batcher(
                group, service, max_entries=10, max_bytes=10, linger=0, max_calls=1
            )
            callers.start_soon(submitted, batcher, parcels("a"), found)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        assert type(found["a"]) is OutcomeUnknownError

    run(main)


def test_each_caller_waits_for_its_own_time(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        found: dict[str, EventRouteError | None] = {}
        async with batcher_for(service) as batcher, anyio.create_task_group() as group:
            group.start_soon(submitted, batcher, parcels("a"), found)
            (late,) = await batcher.submit(parcels("b"), timeout=0.01)
            assert type(late) is OutcomeUnknownError
            assert found == {}
            service.open.set()
        assert found == {"a": None}

    run(main)


def test_nothing_of_a_call_is_left_to_the_garbage_collector(run: Run) -> None:
    async def main() -> None:
        async with batcher_for(Service()) as batcher:
            call = batcher.start(parcels("ab"), AGES, anyio.current_time() + AGES)
            await call.wait()
            batcher.give_up(call)
            assert call.outcomes == [None, None]
            assert call.tickets == []

    run(main)


def test_each_time_limit_counts_while_the_entry_of_another_caller_lingers(run: Run) -> None:
    async def main() -> None:
        service = Service()
        service.shut()
        found: dict[str, EventRouteError | None] = {}
        async with batcher_for(service, linger=AGES, max_entries=2) as batcher:
            # Tasks of asyncio alone, as those of somebody's web server.
            late = [
                asyncio.create_task(submitted(batcher, parcels(name), found, limit))
                for name, limit in (("a", 0.05), ("b", 0.06))
            ]
            while not service.requests:
                await asyncio.sleep(0)
            lingering = asyncio.create_task(submitted(batcher, parcels("c"), found))
            await asyncio.wait_for(asyncio.gather(*late), 10)
            lingering.cancel()
        assert {name: type(one) for name, one in found.items()} == {
            "a": OutcomeUnknownError,
            "b": OutcomeUnknownError,
        }

    run(main)
