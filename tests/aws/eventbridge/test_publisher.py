"""Publishing over the wire, to a real bus with a queue behind it."""

from __future__ import annotations

import asyncio
import json
import math

import pytest

from eventroute.envelope import Event
from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    EventError,
    LimitExceededError,
    OutcomeUnknownError,
    PublishTimeoutError,
    UnsupportedError,
)
from eventroute.port import Outgoing
from tests.aws.eventbridge.world import BUS, PATIENCE, event, world_on
from tools.emulators import Emulator
from tools.emulators.proxy import Gate, Request, Response, answer, cut, fail_events, lose, reset


async def test_an_event_arrives_byte_for_byte_with_its_headers(
    lenient: Emulator, account: str
) -> None:
    detail = '{"n":1.10, "more":"é\U0001f600"}'
    text = f'{{"more":1,"id":"1","source":"shop.orders","detail-type":"주문","detail":{detail}}}'
    headers = {"traceparent": "00-1", "eventroute-x": '"'}
    async with world_on(lenient, account) as world:
        assert await world.publish(Event.from_json(text), headers=headers) == [None]
        (found,) = await world.received()
    assert found.body.decode() == text
    assert found.headers == headers
    assert found.claim is None


async def test_an_entry_has_all_that_eventbridge_knows_of_an_event(
    lenient: Emulator, account: str
) -> None:
    published = Event("shop.orders", "OrderPlaced", {"n": 1}, id="1", resources=("arn:1",))
    async with world_on(lenient, account) as world:
        await world.publish(published)
        (request,) = world.proxy.requests("PutEvents")
        (message,) = await world.messages()
    (entry,) = request.json["Entries"]
    assert published.time is not None
    assert entry.pop("Time") == published.time.timestamp()
    assert json.loads(entry.pop("Detail")).pop("n") == 1
    assert entry == {
        "Source": "shop.orders",
        "DetailType": "OrderPlaced",
        "Resources": ["arn:1"],
        "EventBusName": BUS,
    }
    assert json.loads(message.body)["resources"] == ["arn:1"]


async def test_events_of_many_callers_and_sources_share_requests(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        results = await asyncio.gather(
            *(world.publish(event(f"{n:02}", source=f"shop.{n % 3}")) for n in range(25))
        )
        assert results == [[None]] * 25
        assert sorted(world.batches) == [5, 10, 10]
        assert await world.ids() == [f"{n:02}" for n in range(25)]


async def test_nothing_makes_no_request(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        assert await world.publish() == []
        assert world.batches == []


async def test_the_bytes_of_a_request_stay_below_the_limit(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account, max_request_bytes=10_000) as world:
        events = [event(f"{n}", {"text": "é" * 2_000}) for n in range(5)]
        assert await world.publish(*events) == [None] * 5
        assert sorted(world.batches) == [1, 2, 2]


async def test_an_event_that_no_request_holds_is_refused_alone(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account, max_request_bytes=5_000) as world:
        fits, too_large = event("1"), event("2", {"text": "x" * 5_000})
        outcomes = await world.publish(fits, too_large)
        assert outcomes[0] is None
        assert isinstance(outcomes[1], LimitExceededError)
        assert "2,952" in str(outcomes[1])
        assert "eventbridge.claim_check" in str(outcomes[1])
        assert await world.ids() == ["1"]


async def test_the_size_counts_headers(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account, max_request_bytes=5_000) as world:
        (outcome,) = await world.publish(event("1"), headers={"long": "x" * 5_000})
        assert isinstance(outcome, LimitExceededError)
        assert "takes 5,000" in str(outcome)
        assert world.batches == []


async def test_an_event_of_the_largest_size_is_published(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        limit = world.publisher.max_event_bytes
        assert limit == 1_000_000 - 2_048
        room = limit - len(event("1", {"text": ""}).to_json())
        largest = event("1", {"text": "x" * room})
        assert len(largest.to_json()) == limit
        assert await world.publish(largest) == [None]
        (found,) = await world.received()
        assert found.body == largest.to_json()


async def test_a_large_event_goes_to_s3_and_its_pointer_travels(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account, claim_check={"bucket": "payloads"}) as world:
        await (await world.clients.s3()).create_bucket(Bucket="payloads")
        large = event("1", {"text": "x" * 1_000_000})
        assert await world.publish(large, headers={"h": "1"}) == [None]
        (found,) = await world.received()
        assert world.claims is not None
        assert found.claim is not None
        assert await world.claims.get(found.claim) == large.to_json()
        assert json.loads(found.body) == {**large.document, "detail": {}}
        assert found.headers == {"h": "1"}


async def test_what_eventbridge_would_refuse_is_refused_alone(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        outcomes = await world.publish(event("1", source="aws.s3"), event("2"))
        assert isinstance(outcomes[0], EventError)
        assert outcomes[1] is None
        assert await world.ids() == ["2"]


async def test_a_delay_is_refused(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        outgoing = [Outgoing(event("1"), delay=3.0)]
        (outcome,) = await world.publisher.publish(outgoing, timeout=PATIENCE)
        assert isinstance(outcome, UnsupportedError)


async def test_the_failure_of_one_entry_reaches_its_own_caller_alone(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        world.proxy.plan(fail_events({1: "InternalFailure"}), action="PutEvents")
        (first,), (second,), (third,) = await asyncio.gather(
            *(world.publish(event(name)) for name in ("1", "2", "3"))
        )
        assert (first, third) == (None, None)
        assert type(second) is AdapterError
        assert "InternalFailure" in str(second)
        assert await world.ids() == ["1", "3"]


async def test_the_code_of_an_entry_says_whether_it_may_be_repeated(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        for code, meant in (
            ("InternalFailure", AdapterError),
            ("ThrottlingException", AdapterError),
            ("SomethingNew", AdapterError),
            ("InvalidArgument", EventError),
            ("MalformedDetail", EventError),
            ("AccessDeniedException", AccessDeniedError),
            ("NotAuthorizedForSourceException", AccessDeniedError),
            ("NotAuthorizedForDetailTypeException", AccessDeniedError),
            ("RedactionFailure", EventError),
        ):
            world.proxy.plan(fail_events({0: code}), action="PutEvents")
            (outcome,) = await world.publish(event("1"))
            assert type(outcome) is meant
            assert code in str(outcome)


async def test_one_entry_that_lets_the_whole_call_be_refused_fails_alone(
    lenient: Emulator, account: str
) -> None:
    def is_refused(request: Request) -> bool:
        return b"unwanted" in request.body

    async with world_on(lenient, account) as world:
        world.proxy.plan(answer(400, "ValidationException"), where=is_refused, times=math.inf)
        names = ["0", "1", "2", "unwanted", "4", "5", "6", "7", "8", "9"]
        outcomes = await world.publish(*(event(name) for name in names))
        assert [name for name, one in zip(names, outcomes, strict=True) if one] == ["unwanted"]
        assert isinstance(outcomes[3], ConfigurationError)
        assert "ValidationException" in str(outcomes[3])
        assert await world.ids() == sorted(set(names) - {"unwanted"})


async def test_what_aws_answers_is_the_outcome_of_every_entry(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        for status, code, meant in (
            (400, "ThrottlingException", AdapterError),
            (400, "ResourceNotFoundException", AdapterError),
            (400, "AccessDeniedException", AccessDeniedError),
            (500, "InternalException", OutcomeUnknownError),
            (503, "ServiceUnavailable", OutcomeUnknownError),
            (403, "UnrecognizedClientException", AccessDeniedError),
        ):
            world.proxy.plan(answer(status, code), action="PutEvents")
            outcomes = await world.publish(event("1"), event("2"))
            assert [type(outcome) for outcome in outcomes] == [meant, meant]
            assert code in str(outcomes[0])
        assert world.batches == [2] * 6
        assert await world.publish(event("1"), event("2")) == [None, None]


async def test_nobody_knows_what_became_of_a_request_without_an_answer(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        for fault, arrived in (
            (reset(), []),
            (lose(), ["1", "2"]),
            (cut(after=20), ["1", "2"]),
            (cut(after=0), ["1", "2"]),
        ):
            world.proxy.plan(fault, action="PutEvents")
            outcomes = await world.publish(event("1"), event("2"))
            assert [type(outcome) for outcome in outcomes] == [OutcomeUnknownError] * 2
            assert await world.ids() == arrived


@pytest.mark.parametrize("entries", ["[]", '[{"EventId":"1"}]', '[{"EventId":"1"},{}]'])
async def test_nobody_knows_what_became_of_an_entry_that_the_answer_leaves_out(
    lenient: Emulator, account: str, entries: str
) -> None:
    async def leave_out(_request: Request, _forward: object) -> Response:
        body = f'{{"FailedEntryCount":0,"Entries":{entries}}}'.encode()
        return Response(200, {"content-type": "application/x-amz-json-1.1"}, body)

    async with world_on(lenient, account) as world:
        world.proxy.plan(leave_out, action="PutEvents")
        outcomes = await world.publish(event("1"), event("2"))
        assert isinstance(outcomes[1], OutcomeUnknownError)
        assert (outcomes[0] is None) == ("1" in entries)


async def test_a_publish_waits_no_longer_than_its_timeout(lenient: Emulator, account: str) -> None:
    gate = Gate()
    async with world_on(lenient, account, connections=1) as world:
        world.proxy.plan(gate, action="PutEvents")
        waiting = asyncio.create_task(world.publish(event("1"), timeout=0.05))
        await gate.arrived.wait()
        (unsent,) = await world.publish(event("2"), timeout=0)
        assert isinstance(unsent, PublishTimeoutError)
        (unanswered,) = await waiting
        assert isinstance(unanswered, OutcomeUnknownError)
        gate.open()
        assert await world.publish(event("3")) == [None]
        assert await world.ids() == ["1", "3"]


async def test_closing_waits_for_the_requests_under_way(lenient: Emulator, account: str) -> None:
    gate = Gate()
    async with world_on(lenient, account) as world:
        world.proxy.plan(gate, action="PutEvents")
        publishing = asyncio.create_task(world.publish(event("1")))
        await gate.arrived.wait()
        closing = asyncio.create_task(world.publisher.close())
        await asyncio.sleep(0)
        assert not closing.done()
        gate.open()
        await closing
        assert await publishing == [None]
        await world.publisher.close()
        assert await world.publish(event("2")) == [None]  # it may be opened again


async def test_what_could_not_be_sent_for_lack_of_a_connection_is_known_to_be_unpublished(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.proxy.stop()
        (outcome,) = await world.publish(event("1"))
        assert type(outcome) is AdapterError
        assert "cannot be reached" in str(outcome)
