"""One timer for many limits of time."""

from __future__ import annotations

import asyncio

from eventroute_aws.deadlines import Deadlines

AGES = 3_600.0


class Watch:
    """Deadlines from now on, and what they ended."""

    def __init__(self) -> None:
        self.ended: asyncio.Queue[str] = asyncio.Queue()
        self.deadlines: Deadlines[str] = Deadlines(self.ended.put_nowait)
        self.now = asyncio.get_running_loop().time()

    def add(self, name: str, seconds: float) -> None:
        self.deadlines.add(name, self.now + seconds)


async def test_what_has_not_ended_in_time_is_ended() -> None:
    watch = Watch()
    watch.add("a", 0.001)
    assert await watch.ended.get() == "a"


async def test_what_is_due_first_is_ended_first_whenever_it_came() -> None:
    watch = Watch()
    for name, seconds in {"never": AGES, "third": 0.02, "first": 0, "second": 0.01}.items():
        watch.add(name, seconds)
    assert [await watch.ended.get() for _ in range(3)] == ["first", "second", "third"]
    watch.deadlines.close()


async def test_what_was_removed_in_time_is_not_ended() -> None:
    watch = Watch()
    watch.add("a", 0.001)
    watch.deadlines.remove("a")
    watch.add("b", 0.002)
    assert await watch.ended.get() == "b"


async def test_what_comes_after_all_others_have_ended_is_ended_as_well() -> None:
    watch = Watch()
    watch.add("a", 0)
    assert await watch.ended.get() == "a"
    watch.add("b", 0.001)
    assert await watch.ended.get() == "b"


async def test_the_end_of_one_may_remove_others_that_are_late_as_well() -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()

    def end(name: str) -> None:
        ended.put_nowait(name)
        deadlines.remove("b")

    deadlines: Deadlines[str] = Deadlines(end)
    now = asyncio.get_running_loop().time()
    for name in "abc":
        deadlines.add(name, now)
    assert [await ended.get(), await ended.get()] == ["a", "c"]


async def test_nothing_is_ended_after_they_were_closed() -> None:
    watch, other = Watch(), Watch()
    watch.add("a", 0)
    watch.deadlines.close()
    other.add("b", 0.001)
    assert await other.ended.get() == "b"
    assert watch.ended.empty()


async def test_an_end_that_fails_keeps_no_other_from_its_own() -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: failures.append(told))

    def end(name: str) -> None:
        if name == "a":
            raise ValueError(name)
        ended.put_nowait(name)

    deadlines: Deadlines[str] = Deadlines(end)
    now = asyncio.get_running_loop().time()
    for name in "ab":
        deadlines.add(name, now)
    assert await ended.get() == "b"
    assert len(failures) == 1
