"""Publishing over the wire, to real topics with queues behind them."""

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
    NotOpenError,
    OutcomeUnknownError,
    PublishTimeoutError,
    UnsupportedError,
)
from eventroute.port import Outgoing
from eventroute_aws.message_attributes import read_headers
from tests.aws.publish.world import PATIENCE, event, world_on
from tools.emulators import Emulator
from tools.emulators.proxy import Gate, Request, answer, cut, fail_entries, lose, reset


async def test_an_event_arrives_byte_for_byte_with_its_attributes_and_headers(
    lenient: Emulator, account: str
) -> None:
    detail = '{"n":1.10,"more":"é\U0001f600"}'
    text = f'{{"id":"1","source":"shop.orders","detail-type":"주문","detail":{detail}}}'
    async with world_on(lenient, account, attributes={"detail.n": "n"}) as world:
        await world.add("shop.orders")
        headers = {"traceparent": "00-1", "eventroute-replayed": '"'}
        assert await world.publish(Event.from_json(text), headers=headers) == [None]
        (message,) = await world.received()
    assert message.body == text
    attributes = message.attributes
    assert read_headers(attributes.pop("eventroute-headers")[1]) == headers
    assert attributes == {
        "source": ("String", "shop.orders"),
        "detail-type": ("String", "주문"),
        "n": ("Number", "1.1"),
    }


async def test_without_headers_there_is_no_attribute_for_them(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        await world.publish(event("1"))
        (message,) = await world.received()
    assert set(message.attributes) == {"source", "detail-type"}


async def test_events_of_many_callers_share_requests(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        results = await asyncio.gather(*(world.publish(event(f"{n}")) for n in range(25)))
        assert results == [[None]] * 25
        assert sorted(world.batches) == [5, 10, 10]
        assert sorted(map(int, await world.ids())) == list(range(25))


async def test_a_lone_event_waits_for_no_more_than_the_linger(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account, linger=0.002) as world:
        await world.add("shop.orders")
        assert await world.publish(event("1")) == [None]
        assert await world.publish(event("2")) == [None]
        assert world.batches == [1, 1]


async def test_each_source_has_its_own_topic(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("a")
        await world.add("b")
        events = [event("1", source="a"), event("2", source="b"), event("3", source="a")]
        assert await world.publish(*events) == [None, None, None]
        assert sorted(world.batches) == [1, 2]
        assert sorted(await world.ids("a")) == ["1", "3"]
        assert await world.ids("b") == ["2"]


async def test_nothing_makes_no_request(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        assert await world.publish() == []
        assert world.proxy.log == []


async def test_a_source_without_a_topic_fails_alone(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("a")
        first, second = await world.publish(event("1", source="b"), event("2", source="a"))
        assert isinstance(first, ConfigurationError)
        assert second is None


async def test_the_bytes_of_a_request_stay_below_the_limit_of_the_topic(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", max_bytes=10_000)
        events = [event(f"{n}", {"text": "é" * 2_000}) for n in range(5)]
        assert await world.publish(*events) == [None] * 5
        assert sorted(world.batches) == [1, 2, 2]


async def test_an_event_that_no_message_holds_is_refused_alone(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", max_bytes=1_000)
        fits, too_large = event("1"), event("2", {"text": "x" * 1_000})
        outcomes = await world.publish(fits, too_large)
        assert outcomes[0] is None
        assert isinstance(outcomes[1], LimitExceededError)
        assert "1,000" in str(outcomes[1])
        assert "sns.claim_check" in str(outcomes[1])
        assert await world.ids() == ["1"]


async def test_the_size_counts_headers(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", max_bytes=1_000)
        (outcome,) = await world.publish(event("1"), headers={"long": "x" * 1_000})
        assert isinstance(outcome, LimitExceededError)
        assert world.batches == []


async def test_an_event_of_the_largest_size_is_published(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        limit = world.publisher.max_event_bytes
        assert limit == 262_144 - 2_048
        room = limit - len(event("1", {"text": ""}).to_json())
        largest = event("1", {"text": "x" * room})
        assert len(largest.to_json()) == limit
        assert await world.publish(largest) == [None]
        assert await world.ids() == ["1"]


async def test_a_delay_is_refused(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        outgoing = [Outgoing(event("1"), delay=3.0)]
        (outcome,) = await world.publisher.publish(outgoing, timeout=PATIENCE)
        assert isinstance(outcome, UnsupportedError)


async def test_the_failure_of_one_entry_reaches_its_own_caller_alone(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        world.proxy.plan(fail_entries({1: "InternalError"}), action="PublishBatch")
        (first,), (second,), (third,) = await asyncio.gather(
            *(world.publish(event(name)) for name in ("1", "2", "3"))
        )
        assert (first, third) == (None, None)
        assert type(second) is AdapterError
        assert "InternalError" in str(second)
        assert sorted(await world.ids()) == ["1", "3"]


async def test_the_code_of_an_entry_says_whether_it_may_be_repeated(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        for code, sender_fault, meant in (
            ("InternalError", False, AdapterError),
            ("Throttled", True, AdapterError),
            ("InvalidParameter", True, EventError),
            ("AuthorizationError", True, AccessDeniedError),
        ):
            fault = fail_entries({0: code}, sender_fault=sender_fault)
            world.proxy.plan(fault, action="PublishBatch")
            (outcome,) = await world.publish(event("1"))
            assert type(outcome) is meant
            assert code in str(outcome)


async def test_one_entry_that_lets_the_whole_call_be_refused_fails_alone(
    lenient: Emulator, account: str
) -> None:
    def has_bad(request: Request) -> bool:
        return any('"bad"' in value for value in request.form.values())

    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        world.proxy.plan(answer(400, "InvalidParameter"), where=has_bad, times=math.inf)
        names = ["0", "1", "2", "bad", "4", "5", "6", "7", "8", "9"]
        outcomes = await world.publish(*(event(name) for name in names))
        assert [name for name, one in zip(names, outcomes, strict=True) if one] == ["bad"]
        assert isinstance(outcomes[3], ConfigurationError)
        assert "InvalidParameter" in str(outcomes[3])
        assert sorted(await world.ids()) == sorted(set(names) - {"bad"})
        assert 0 not in world.batches


async def test_what_aws_answers_is_the_outcome_of_every_entry(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        for status, code, meant in (
            (429, "Throttled", AdapterError),
            (400, "Throttling", AdapterError),
            (404, "NotFound", AdapterError),
            (500, "InternalError", OutcomeUnknownError),
            (503, "ServiceUnavailable", OutcomeUnknownError),
            (403, "AuthorizationError", AccessDeniedError),
            (403, "InvalidClientTokenId", AccessDeniedError),
        ):
            world.proxy.plan(answer(status, code), action="PublishBatch")
            outcomes = await world.publish(event("1"), event("2"))
            assert [type(outcome) for outcome in outcomes] == [meant, meant]
            assert code in str(outcomes[0])
        assert world.batches == [2] * 7
        assert await world.publish(event("1"), event("2")) == [None, None]


async def test_nobody_knows_what_became_of_a_request_without_an_answer(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        for fault, arrived in (
            (reset(), []),
            (lose(), ["1", "2"]),
            (cut(after=20), ["1", "2"]),
            (cut(after=0), ["1", "2"]),
        ):
            world.proxy.plan(fault, action="PublishBatch")
            outcomes = await world.publish(event("1"), event("2"))
            assert [type(outcome) for outcome in outcomes] == [OutcomeUnknownError] * 2
            assert sorted(await world.ids()) == arrived
        assert world.batches == [2] * 4


async def test_a_publish_waits_no_longer_than_its_timeout(lenient: Emulator, account: str) -> None:
    gate = Gate()
    async with world_on(lenient, account, connections=1) as world:
        await world.add("shop.orders")
        world.proxy.plan(gate, action="PublishBatch")
        waiting = asyncio.create_task(world.publish(event("1"), timeout=0.05))
        await gate.arrived.wait()
        (unsent,) = await world.publish(event("2"), timeout=0)
        assert isinstance(unsent, PublishTimeoutError)
        (unanswered,) = await waiting
        assert isinstance(unanswered, OutcomeUnknownError)
        gate.open()
        assert await world.publish(event("3")) == [None]
        assert sorted(await world.ids()) == ["1", "3"]


async def test_a_cancelled_publish_is_sent_whole_or_not_at_all(
    lenient: Emulator, account: str
) -> None:
    gate = Gate()
    async with world_on(lenient, account, connections=1) as world:
        await world.add("shop.orders")
        world.proxy.plan(gate, action="PublishBatch")
        sent = asyncio.create_task(world.publish(event("1"), event("2")))
        await gate.arrived.wait()
        unsent = asyncio.create_task(world.publish(event("3"), event("4")))
        await asyncio.sleep(0)
        for task in (sent, unsent):
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sent
        with pytest.raises(asyncio.CancelledError):
            await unsent
        gate.open()
        await world.publisher.close()
        assert sorted(await world.ids()) == ["1", "2"]


async def test_closing_waits_for_the_requests_under_way_and_leaves_no_task(
    lenient: Emulator, account: str
) -> None:
    gate = Gate()
    async with world_on(lenient, account, linger=1) as world:
        await world.add("shop.orders")
        before = asyncio.all_tasks()
        world.proxy.plan(gate, action="PublishBatch")
        publishing = asyncio.create_task(world.publish(event("1")))
        while len(asyncio.all_tasks() - before) < 3:  # until the event lingers
            await asyncio.sleep(0)
        closing = asyncio.create_task(world.publisher.close())
        await gate.arrived.wait()
        assert not closing.done()
        gate.open()
        await closing
        await world.publisher.close()
        assert await publishing == [None]
        ours = {task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)}
        assert ours == set()


async def test_a_publish_that_comes_to_a_closed_publisher_is_refused(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        world.provisioned.clear()
        publishing = asyncio.create_task(world.publish(event("1")))
        await asyncio.sleep(0)
        await world.publisher.close()
        world.provisioned.set()
        with pytest.raises(NotOpenError):
            await publishing
        assert world.batches == []


async def test_a_topic_that_is_not_found_in_time_is_a_timeout(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        world.provisioned.clear()
        (outcome,) = await world.publish(event("1"), timeout=0.01)
        assert isinstance(outcome, PublishTimeoutError)


async def test_it_publishes_again_after_it_was_closed(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        assert await world.publish(event("1")) == [None]
        await world.publisher.close()
        assert await world.publish(event("2")) == [None]


async def test_characters_that_sqs_refuses_are_written_as_escapes(
    lenient: Emulator, account: str
) -> None:
    detail = {"text": "\ufffe\uffff\x00\x7f", "plain": "\ufffd"}
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        assert await world.publish(event("1", detail)) == [None]
        (message,) = await world.received()
    assert "\uffff" not in message.body
    assert json.loads(message.body)["detail"] == detail


async def test_what_could_not_be_sent_for_lack_of_a_connection_is_known_to_be_unpublished(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders")
        await world.proxy.stop()
        (outcome,) = await world.publish(event("1"))
        assert type(outcome) is AdapterError
        assert "cannot be reached" in str(outcome)
