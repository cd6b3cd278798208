"""What is due is published: at least once, and deleted only then."""

from __future__ import annotations

import json
import logging
import math
from time import monotonic, time

import anyio
import pytest

from eventroute.clock import SystemClock
from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LimitExceededError,
    UnsupportedError,
)
from eventroute_aws.delays.forwarder import Forwarder
from eventroute_aws.delays.forwarding import pause_after
from eventroute_aws.delays.resting import Resting
from eventroute_aws.delays.site import Site
from tests.aws.delays.desk import Desk, Mailbox, ShiftedClock, desk_on, event, later, until
from tools.emulators import Emulator
from tools.emulators.proxy import Gate, answer, fail_entries

DEAD = "eventroute-delayed-dead"


def due(name: str, seconds: float = 0.0) -> Resting:
    return Resting(time() + seconds, event(name).to_json(), {"of": name})


def forwarder(desk: Desk, mailbox: Mailbox | None = None, lease: float = 60) -> Forwarder:
    """Another process, as it were; closed at the end."""
    made = Forwarder(
        mailbox or desk.mailbox,
        Site(desk.clients, desk.options),
        desk.clients,
        desk.options,
        SystemClock(),
        desk.claims,
        lease=lease,
    )
    desk.stack.push_async_callback(made.close)
    return made


async def test_an_event_is_published_when_it_is_due_and_its_message_deleted(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        made = desk.delaying()
        made.forward()
        made.forward()  # which changes nothing
        message = later("a", 1, {"a": "b"})
        began = monotonic()
        assert list(await made.publish([message], timeout=5)) == [None]
        await desk.mailbox.has("a")
        assert 1 <= monotonic() - began < 3
        (got,) = desk.mailbox.got
        assert (got.event.to_json(), dict(got.headers), got.delay) == (
            message.event.to_json(),
            {"a": "b"},
            0,
        )
        await desk.holds()


async def test_what_comes_early_is_hidden_until_it_is_due(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account) as desk:
        early = due("a", 1.5)
        await desk.put(early, due("b"))
        forwarder(desk).start()
        await desk.mailbox.has("b")
        await desk.holds(hidden=1)
        await desk.mailbox.has("a", "b")
        assert early.due <= time() < early.due + 2


async def test_what_is_due_at_once_is_published_in_the_order_in_which_it_was_due(
    lenient: Emulator, account: str
) -> None:
    names = [str(number) for number in range(10)]
    async with desk_on(lenient, account) as desk:
        await desk.put(*(due(name, -int(name)) for name in names))
        forwarder(desk).start()
        await desk.mailbox.has(*names)
        assert desk.mailbox.calls == [10]
        assert desk.mailbox.ids == names[::-1]


async def test_a_forwarder_that_dies_before_it_deletes_costs_a_duplicate_at_most(
    lenient: Emulator, account: str
) -> None:
    dying = Mailbox()
    dying.gate.clear()  # it has published, and never hears of it
    async with desk_on(lenient, account) as desk:
        await desk.put(due("a"))
        with anyio.CancelScope() as scope:
            first = Forwarder(
                dying,
                Site(desk.clients, desk.options),
                desk.clients,
                desk.options,
                SystemClock(),
                None,
                lease=1,
            )
            async with anyio.create_task_group() as group:
                group.start_soon(first.run)
                await dying.has("a")
                scope.cancel()
        await desk.holds(hidden=1)
        forwarder(desk, lease=1).start()
        await desk.mailbox.has("a")
        await desk.holds()


async def test_what_fails_for_now_is_tried_again_and_the_log_tells(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.refusals = {
            "a": [AdapterError("asleep")],
            "b": [ConfigurationError("no topic"), AdapterError("asleep")],
        }
        await desk.put(due("a"), due("b"), due("c"))
        forwarder(desk).start()
        await desk.mailbox.has("c")
        await desk.mailbox.has("a", "c")
        await until(lambda: "in 2 s" in caplog.text)
        await desk.holds(hidden=1)
    warned = {one.getMessage() for one in caplog.records if one.levelno == logging.WARNING}
    assert warned == {
        "a delayed event is not published, tried again in 1 s: asleep",
        "a delayed event is not published, tried again in 1 s: no topic",
        "a delayed event is not published, tried again in 2 s: asleep",
    }


async def test_what_can_never_be_published_is_dead_lettered_with_the_reason(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.refusals = {"never": [UnsupportedError("not here")]}
        bodies = {
            "hello": "undecodable",
            Resting(1.0, b"[]").text(): "undecodable",
            Resting(1.0, b"nothing").text(): "undecodable",
            due("never").text(): "refused",
        }
        await desk.put(*bodies, due("b"))
        forwarder(desk).start()
        await desk.holds(DEAD, ready=4)
        await desk.mailbox.has("b")
        await desk.holds()
        letters = await desk.received(DEAD)
    told = {
        one["Body"]: json.loads(one["MessageAttributes"]["eventroute-dead"]["StringValue"])
        for one in letters
    }
    assert {body: story["reason"] for body, story in told.items()} == bodies
    assert next(story for body, story in told.items() if "never" in body)["error"] == "not here"
    assert "it lies in the queue eventroute-delayed-dead" in caplog.text


async def test_a_payload_that_is_gone_is_dead_lettered(lenient: Emulator, account: str) -> None:
    bucket = f"payloads-{account}"
    async with desk_on(lenient, account, claim_check={"bucket": bucket}) as desk:
        await desk.put(Resting(1.0, b"", {}, f"s3://{bucket}/eventroute/gone"))
        forwarder(desk).start()
        await desk.holds(DEAD, ready=1)
        (letter,) = await desk.received(DEAD)
    assert "claim-expired" in letter["MessageAttributes"]["eventroute-dead"]["StringValue"]


async def test_a_payload_waits_for_a_process_that_can_fetch_it(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(lenient, account) as desk:
        await desk.put(Resting(1.0, b"", {}, "s3://bucket/key"))
        forwarder(desk).start()
        await until(lambda: "has no claim_check" in caplog.text)
        await desk.holds(hidden=1)


async def test_what_could_not_be_dead_lettered_stays(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account) as desk:
        await desk.put("hello")
        desk.proxy.plan(fail_entries({0: "InternalError"}), action="SendMessageBatch")
        forwarder(desk, lease=1).start()
        await desk.holds(DEAD, ready=1)
        await desk.holds()
        assert len(desk.proxy.requests("SendMessageBatch")) == 2


async def test_what_cannot_be_dead_lettered_does_not_hold_up_the_others(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        sqs = await desk.clients.sqs()
        await sqs.delete_queue(QueueUrl=await desk.url(DEAD))
        await desk.put("hello", due("b"))
        forwarder(desk).start()
        await desk.mailbox.has("b")
        await desk.holds(hidden=1)


async def test_an_event_too_large_for_one_process_is_left_to_another_with_a_claim_check(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        first = Mailbox()
        first.refusals = {"large": [LimitExceededError("set claim_check")] * 99}
        await desk.put(due("large"))
        made = forwarder(desk, first)
        made.start()
        await until(lambda: first.calls)
        await made.close()
        forwarder(desk).start()
        await desk.mailbox.has("large")
        await desk.holds(DEAD)


def test_an_event_can_be_tried_again_for_as_long_as_sqs_keeps_it() -> None:
    receives, late = 0, 0.0
    while late < 14 * 86_400:
        receives += 1
        late += pause_after(receives, late)
    assert receives < 1_000 / 2  # SQS dead-letters what it has handed out a thousand times
    assert [pause_after(number, 30) for number in (1, 2, 3, 99)] == [1, 2, 4, 60]


async def test_what_cannot_be_published_for_long_is_dead_lettered_before_sqs_drops_it(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.refusals = {"a": [AdapterError("asleep")]}
        await desk.put(due("a"))
        made = desk.delaying(ShiftedClock(13 * 86_400 + 60))
        made.forward()
        await desk.holds(DEAD, ready=1)
        await desk.holds()
        (letter,) = await desk.received(DEAD)
    story = json.loads(letter["MessageAttributes"]["eventroute-dead"]["StringValue"])
    assert (story["reason"], story["error"]) == ("refused", "asleep")


async def test_what_could_not_be_deleted_is_published_again(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(lenient, account) as desk:
        await desk.put(due("a"))
        desk.proxy.plan(fail_entries({0: "InternalError"}), action="DeleteMessageBatch")
        forwarder(desk, lease=1).start()
        await desk.mailbox.has("a", "a")
        await desk.holds()
    assert "may be published once more" in caplog.text


async def test_a_forwarder_that_cannot_receive_says_so_and_goes_on(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with desk_on(lenient, account) as desk:
        desk.proxy.plan(answer(403, "AccessDeniedException"), action="ReceiveMessage")
        await desk.put(due("a"))
        forwarder(desk).start()
        await desk.mailbox.has("a")
    assert "delayed events cannot be received, tried again in 1 s" in caplog.text
    assert "can be received again" in caplog.text


async def test_a_publisher_with_a_bug_does_not_end_the_forwarder(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.broken = [ZeroDivisionError()]
        await desk.put(due("a"))
        forwarder(desk, lease=1).start()
        await desk.mailbox.has("a")
    assert "ZeroDivisionError" in caplog.text


async def test_polls_are_long_and_one_at_a_time(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, poll_wait=20) as desk:
        gate = Gate()
        desk.proxy.plan(gate, action="ReceiveMessage", times=math.inf)
        made = forwarder(desk)
        made.start()
        await gate.arrived.wait()
        (poll,) = desk.proxy.requests("ReceiveMessage")
        assert (poll.json["WaitTimeSeconds"], poll.json["MaxNumberOfMessages"]) == (20, 10)
        await desk.put(due("a"))
        gate.open()
        await desk.mailbox.has("a")
        await desk.put("wake up, and end")
        await made.close()


async def test_an_endpoint_that_does_not_wait_is_not_asked_in_a_hurry(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        made = forwarder(desk)
        made.start()
        await anyio.sleep(1)
        await made.close()
        assert 1 <= len(desk.proxy.requests("ReceiveMessage")) <= 3


async def test_what_a_poll_brings_when_everything_stops_goes_back_at_once(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        await desk.put(due("a"))
        gate = Gate()
        desk.proxy.plan(gate, action="ReceiveMessage")
        made = forwarder(desk)
        made.start()
        await gate.arrived.wait()
        async with anyio.create_task_group() as group:
            group.start_soon(made.close)
            await anyio.sleep(0.05)
            gate.open()
        await desk.holds(ready=1)
        assert desk.mailbox.ids == []
        assert len(desk.proxy.requests("ReceiveMessage")) == 1


async def test_what_is_being_published_when_everything_stops_comes_to_its_end(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.gate.clear()
        await desk.put(due("a"))
        made = desk.delaying()
        made.forward()
        await desk.mailbox.has("a")
        async with anyio.create_task_group() as group:
            group.start_soon(made.close)
            await anyio.sleep(0.05)
            assert not desk.mailbox.closed
            desk.mailbox.gate.set()
        assert desk.mailbox.closed
        await desk.holds()


async def test_a_forwarder_that_never_began_ends_at_once(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, poll_wait=20) as desk:
        made = desk.delaying()
        began = monotonic()
        await made.close()
        await made.close()
        assert monotonic() - began < 1
        assert desk.proxy.requests("ReceiveMessage") == []
