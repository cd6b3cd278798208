"""What every store promises."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from eventroute.errors import ClaimLostError, ConfigurationError
from eventroute.idempotency import (
    Busy,
    Claim,
    Done,
    IdempotencyStore,
    Key,
    MemoryStore,
    SQLiteStore,
)
from eventroute.testing import VirtualClock

KEY = Key("r.handle", "a")
DAY = 86_400.0


@asynccontextmanager
async def opened(store: IdempotencyStore) -> AsyncGenerator[VirtualClock]:
    clock = VirtualClock()
    await store.open(clock)
    try:
        yield clock
    finally:
        await store.close()


async def claimed(
    store: IdempotencyStore, key: Key = KEY, *, lease: float = 30, window: float = DAY
) -> Claim:
    claim = await store.claim(key, lease=lease, window=window)
    assert not isinstance(claim, Done | Busy)
    return claim


async def test_a_key_can_be_claimed_once(store: IdempotencyStore) -> None:
    async with opened(store) as clock:
        await claimed(store, lease=30)
        clock.advance_to(10)
        held = await store.claim(KEY, lease=30, window=DAY)
        assert isinstance(held, Busy)
        assert held.seconds == pytest.approx(20, abs=0.01)


async def test_a_completed_key_is_done_until_its_window_ends(store: IdempotencyStore) -> None:
    async with opened(store) as clock:
        claim = await claimed(store, window=100)
        clock.advance_to(20)
        await claim.complete()
        clock.advance_to(119)
        assert isinstance(await store.claim(KEY, lease=30, window=100), Done)
        clock.advance_to(121)
        await claimed(store)


async def test_a_released_key_can_be_claimed_again(store: IdempotencyStore) -> None:
    async with opened(store):
        await (await claimed(store)).release()
        await claimed(store)


async def test_a_claim_ends_with_its_lease(store: IdempotencyStore) -> None:
    async with opened(store) as clock:
        await claimed(store, lease=30)
        clock.advance_to(31)
        await claimed(store)


async def test_an_extended_claim_lives_longer(store: IdempotencyStore) -> None:
    async with opened(store) as clock:
        claim = await claimed(store, lease=30)
        clock.advance_to(20)
        await claim.extend(30)
        clock.advance_to(40)
        assert isinstance(await store.claim(KEY, lease=30, window=DAY), Busy)


async def test_who_lost_a_claim_can_neither_complete_nor_extend_nor_release_anothers(
    store: IdempotencyStore,
) -> None:
    async with opened(store) as clock:
        late = await claimed(store, lease=30)
        clock.advance_to(31)
        await claimed(store, lease=30)
        with pytest.raises(ClaimLostError):
            await late.complete()
        with pytest.raises(ClaimLostError):
            await late.extend(30)
        await late.release()
        assert isinstance(await store.claim(KEY, lease=30, window=DAY), Busy)


async def test_different_values_and_different_subscriptions_never_merge(
    store: IdempotencyStore,
) -> None:
    async with opened(store):
        await (await claimed(store)).complete()
        await claimed(store, Key("r.handle", "A"))
        await claimed(store, Key("r.handl", "ea"))
        await claimed(store, Key("r.other", "a"))


async def test_of_many_that_claim_a_key_at_once_one_gets_it(store: IdempotencyStore) -> None:
    held: list[object] = []

    async def claim() -> None:
        held.append(await store.claim(KEY, lease=30, window=DAY))

    async with opened(store), anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(claim)
    assert sum(not isinstance(one, Busy) for one in held) == 1


async def test_a_memory_store_forgets_the_oldest_beyond_its_capacity() -> None:
    store = MemoryStore(capacity=2)
    async with opened(store):
        for value in "abc":
            await (await claimed(store, Key("r", value))).complete()
        assert isinstance(await store.claim(Key("r", "b"), lease=30, window=DAY), Done)
        await claimed(store, Key("r", "a"))


async def test_a_full_memory_store_does_not_grow() -> None:
    store = MemoryStore(capacity=10)
    async with opened(store):
        tracemalloc.start()
        try:
            for number in range(10_000):
                await (await claimed(store, Key("r.handle", str(number)))).complete()
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert held < 1_000_000, "three million where it keeps the ends of what it forgot"


async def test_a_memory_store_still_ends_each_claim_after_many_others() -> None:
    store = MemoryStore(capacity=10)
    async with opened(store) as clock:
        extended = await claimed(store, KEY, lease=10)
        await claimed(store, Key("r.handle", "left"), lease=10)
        await extended.extend(50)
        for number in range(10_000):
            await (await claimed(store, Key("r.handle", str(number)))).complete()
        clock.advance_to(11)
        await claimed(store, Key("r.handle", "left"))
        assert isinstance(await store.claim(KEY, lease=30, window=DAY), Busy)
        clock.advance_to(51)
        await claimed(store, KEY)


async def test_a_sqlite_store_is_shared_between_connections_and_kept(tmp_path: Path) -> None:
    one, two = SQLiteStore(tmp_path / "s.db"), SQLiteStore(tmp_path / "s.db")
    async with opened(one), opened(two):
        claim = await claimed(one)
        assert isinstance(await two.claim(KEY, lease=30, window=DAY), Busy)
        await claim.complete()
    async with opened(two):
        assert isinstance(await two.claim(KEY, lease=30, window=DAY), Done)


async def test_a_sqlite_store_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/s\.db cannot be opened: unable to open"):
        await SQLiteStore(tmp_path / "nowhere" / "s.db").open(VirtualClock())
    text = tmp_path / "text"
    text.write_text("no database " * 1_000)
    with pytest.raises(ConfigurationError, match="not a database"):
        await SQLiteStore(text).open(VirtualClock())


async def test_a_store_may_be_opened_by_several_at_once(store: IdempotencyStore) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(store.open, VirtualClock())
    claim = await claimed(store)
    for _ in range(4):
        await store.close()
    await claim.complete()
    await store.close()


async def test_a_sqlite_store_sweeps_what_has_expired(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "s.db")
    async with opened(store) as clock:
        for number in range(30):
            await (await claimed(store, Key("r", str(number)), window=10)).complete()
        clock.advance_to(11)
        await (await claimed(store, Key("r", "x"))).complete()
        await (await claimed(store, Key("r", "y"))).complete()
        rows = store.connection.execute("SELECT count(*) FROM eventroute_idempotency").fetchone()
        assert rows == (2,)
