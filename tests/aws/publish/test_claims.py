"""Events that are too large for a message go to S3."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LimitExceededError,
    NameNotFoundError,
    OutcomeUnknownError,
)
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.claims import Claims
from eventroute_aws.message_attributes import CLAIM
from tests.aws.publish.world import World, event, world_on
from tools.emulators import Emulator
from tools.emulators.proxy import answer, reset

LARGE = {"customer": "a", "text": "é" * 1_000}


@asynccontextmanager
async def world_with_bucket(emulator: Emulator, account: str) -> AsyncGenerator[World]:
    bucket = f"payloads-{account}"
    async with world_on(emulator, account, claim_check={"bucket": bucket}) as world:
        await (await world.clients.s3()).create_bucket(Bucket=bucket)
        yield world


def claims_of(world: World) -> Claims:
    assert world.claims is not None
    return world.claims


async def test_a_large_event_travels_as_a_pointer_and_is_fetched_whole(
    lenient: Emulator, account: str
) -> None:
    small, large = event("1"), event("2/ü", LARGE)
    async with world_with_bucket(lenient, account) as world:
        await world.add("shop.orders", max_bytes=1_000)
        assert world.publisher.max_event_bytes == MAX_BYTES
        assert await world.publish(small, large, headers={"a": "b"}) == [None, None]
        found = {one.id: one for one in await world.received()}
        assert CLAIM not in found["1"].attributes
        body = json.loads(found["2/ü"].body)
        _, pointer = found["2/ü"].attributes[CLAIM]
        assert body == {**large.document, "detail": {}, CLAIM: pointer}
        assert await claims_of(world).get(pointer) == large.to_json()


async def test_a_repeated_event_takes_the_place_of_the_first(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        claims = claims_of(world)
        pointers = [await claims.put(event("1", LARGE)) for _ in range(2)]
        names = {pointer.rpartition("/")[2] for pointer in pointers}
        assert len(names) == 1  # the folder is that of the day


async def test_two_events_of_one_id_do_not_share_a_payload(lenient: Emulator, account: str) -> None:
    async with world_with_bucket(lenient, account) as world:
        claims = claims_of(world)
        first, second = event("1", {"n": 1}), event("1", {"n": 2})
        pointers = [await claims.put(first), await claims.put(second)]
        assert [await claims.get(pointer) for pointer in pointers] == [
            first.to_json(),
            second.to_json(),
        ]


async def test_a_pointer_is_short_and_begins_with_the_prefix_and_the_day(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        pointer = await claims_of(world).put(event("ü" * 1_000, LARGE))
        place = rf"s3://payloads-{account}/eventroute/\d{{4}}/\d\d/\d\d/[0-9a-f-]+"
        assert re.fullmatch(place, pointer)
        assert len(pointer) < 200


async def test_an_expired_payload_is_not_found(lenient: Emulator, account: str) -> None:
    async with world_with_bucket(lenient, account) as world:
        pointer = f"s3://payloads-{account}/eventroute/2020/01/01/1"
        with pytest.raises(NameNotFoundError, match="lifecycle rule"):
            await claims_of(world).get(pointer)


async def test_a_message_cannot_name_another_place(lenient: Emulator, account: str) -> None:
    async with world_with_bucket(lenient, account) as world:
        bucket = f"payloads-{account}"
        for pointer in (
            "",
            "s3://other/eventroute/1",
            f"s3://{bucket}/secrets/1",
            f"s3://{bucket}-2/eventroute/1",
            "http://127.0.0.1/eventroute/",
        ):
            with pytest.raises(NameNotFoundError, match="claim_check"):
                await claims_of(world).get(pointer)
        assert world.proxy.requests("GET") == []


async def test_a_payload_larger_than_any_event_is_not_fetched(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        key = "eventroute/huge"
        s3 = await world.clients.s3()
        await s3.put_object(Bucket=f"payloads-{account}", Key=key, Body=b"x" * (MAX_BYTES + 1))
        with pytest.raises(NameNotFoundError, match="no event has more"):
            await claims_of(world).get(f"s3://payloads-{account}/{key}")


async def test_an_event_whose_payload_was_not_stored_is_not_published(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        await world.add("shop.orders", max_bytes=1_000)
        for fault in (answer(503, "SlowDown"), reset()):
            # aiohttp itself repeats a PUT once, if an old connection was reset.
            world.proxy.plan(fault, action="PUT", times=math.inf)
            (outcome,) = await world.publish(event("1", LARGE))
            assert isinstance(outcome, AdapterError)
            assert not isinstance(outcome, OutcomeUnknownError)
            world.proxy.calm()
        assert world.batches == []
        assert await world.publish(event("1", LARGE)) == [None]


async def test_what_follows_a_payload_that_was_not_stored_keeps_behind_it(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer", max_bytes=1_000)
        world.proxy.plan(answer(503, "SlowDown"), action="PUT")
        events = [
            event("a1", {"customer": "a"}),
            event("a2", LARGE),
            event("a3", {"customer": "a"}),
            event("b1", {"customer": "b"}),
        ]
        first, second, third, fourth = await world.publish(*events)
        assert (first, fourth) == (None, None)
        assert isinstance(second, AdapterError)
        assert isinstance(third, AdapterError)
        assert await world.publish(events[1], events[2]) == [None, None]
        arrived = await world.ids()
        assert [name for name in arrived if name[0] == "a"] == ["a1", "a2", "a3"]


async def test_a_bucket_that_is_not_there_is_named(lenient: Emulator, account: str) -> None:
    options = {"bucket": f"missing-{account}"}
    async with world_on(lenient, account, claim_check=options) as world:
        await world.add("shop.orders", max_bytes=1_000)
        (outcome,) = await world.publish(event("1", LARGE))
        assert isinstance(outcome, ConfigurationError)
        assert f"missing-{account}" in str(outcome)
        assert "claim_check.bucket" in str(outcome)


async def test_what_is_too_large_without_its_detail_is_refused(
    lenient: Emulator, account: str
) -> None:
    async with world_with_bucket(lenient, account) as world:
        await world.add("shop.orders", max_bytes=1_000)
        (outcome,) = await world.publish(event("x" * 2_000))
        assert isinstance(outcome, LimitExceededError)
        assert "Only its detail goes to S3" in str(outcome)
        assert world.batches == []
