"""What is delayed waits on AWS; the rest is published in the same call."""

from __future__ import annotations

import math
from time import time

import pytest

from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LimitExceededError,
    OutcomeUnknownError,
    PublishTimeoutError,
    UnsupportedError,
)
from eventroute.port import Outgoing
from eventroute_aws.clients import Clients
from eventroute_aws.delays.delaying import Delaying
from eventroute_aws.delays.resting import read_resting
from eventroute_aws.options import AwsOptions
from tests.aws.delays.desk import ROLE, Mailbox, ShiftedClock, StoppedClock, desk_on, event, later
from tools.emulators import Emulator
from tools.emulators.proxy import Gate, answer, fail_entries

LARGE = "x" * 300_000
HUGE = "<aws.scheduler." + 3 * LARGE  # its base64 is beyond 1 MiB


def delaying(**options: object) -> Delaying:
    read = AwsOptions.model_validate(options)
    return Delaying(Mailbox(), Clients(read), read, ShiftedClock(0), None)


def test_the_longest_delay_is_that_of_what_is_set_up() -> None:
    assert delaying().max_publish_delay == 900
    assert delaying(scheduler_role=ROLE).max_publish_delay is None
    assert delaying(delays="off").max_publish_delay == 0


def test_a_role_for_delays_that_are_off_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match='delays is "off"'):
        delaying(delays="off", scheduler_role=ROLE)


async def test_delayed_events_share_a_request_and_the_others_do_not_wait(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        messages = [later("a", 900), Outgoing(event("b")), later("c", 0.5), later("d", 7.2)]
        made = desk.delaying(StoppedClock())
        assert list(await made.publish(messages, timeout=5)) == [None] * 4
        assert desk.mailbox.ids == ["b"]
        assert desk.waits() == [[900, 1, 8]]
        await desk.holds(delayed=3)


async def test_a_delay_is_rounded_up_so_that_nothing_comes_too_early(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        made = desk.delaying(StoppedClock())
        await made.publish([later("a", 899.01), later("b", 0.001)], timeout=5)
        assert desk.waits() == [[900, 1]]


async def test_the_message_carries_the_event_its_headers_and_when_it_is_due(
    lenient: Emulator, account: str
) -> None:
    headers = {"traceparent": "00-1", "more": '"<aws.scheduler.scheduled-time>'}
    async with desk_on(lenient, account) as desk:
        before = time()
        message = Outgoing(event("a", text="é\ufffe\U0001f600"), headers, delay=1)
        assert list(await desk.delaying().publish([message], timeout=5)) == [None]
        await desk.holds(ready=1)
        (found,) = await desk.received()
    waits = read_resting(found["Body"])
    assert (waits.body, dict(waits.headers)) == (message.event.to_json(), headers)
    assert before + 1 <= waits.due <= before + 3


async def test_what_one_of_them_fails_with_is_its_own_outcome(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.refusals["b"] = [AdapterError("no")]
        desk.proxy.plan(fail_entries({1: "InternalError"}), action="SendMessageBatch")
        messages = [later("a", 5), Outgoing(event("b")), later("c", 5), later("d", 901)]
        first, second, third, fourth = await desk.delaying().publish(messages, timeout=5)
        assert first is None
        assert isinstance(second, AdapterError)
        assert isinstance(third, AdapterError)
        assert isinstance(fourth, UnsupportedError)
        assert "scheduler_role" in str(fourth)


async def test_delays_that_are_off_are_refused_and_ask_nothing_of_aws(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, provisioned=False, delays="off") as desk:
        made = desk.delaying()
        made.forward()
        outcomes = await made.publish([later("a", 1), Outgoing(event("b"))], timeout=5)
        assert isinstance(outcomes[0], UnsupportedError)
        assert 'delays is "off"' in str(outcomes[0])
        assert (desk.mailbox.ids, outcomes[1]) == (["b"], None)
        assert await made.outstanding() == 0
        assert desk.proxy.log == []


async def test_what_the_publisher_would_refuse_is_refused_at_the_call(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account) as desk:
        desk.mailbox.never = {"b"}
        made = Delaying(desk.mailbox, desk.clients, desk.options, ShiftedClock(0), None)
        outcomes = await made.publish(
            [later("a", 5), later("b", 5), Outgoing(event("c"))], timeout=5
        )
        await made.close()
        assert isinstance(outcomes[1], UnsupportedError)
        assert (outcomes[0], outcomes[2]) == (None, None)
        assert desk.mailbox.checked == ["a", "b"]
        await desk.holds(delayed=1)


async def test_what_is_too_large_to_wait_is_refused_by_name(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        made = desk.delaying()
        messages = [
            Outgoing(event("a", text=LARGE), delay=901),
            Outgoing(event("b", text=LARGE), delay=900),
            Outgoing(event("c", text=HUGE), delay=900),
        ]
        by_scheduler, fits, by_sqs = await made.publish(messages, timeout=10)
        assert fits is None
        assert isinstance(by_scheduler, LimitExceededError)
        assert "EventBridge Scheduler takes 262,144" in str(by_scheduler)
        assert isinstance(by_sqs, LimitExceededError)
        assert "SQS takes 1,048,576" in str(by_sqs)


async def test_what_is_too_large_to_wait_waits_in_s3(lenient: Emulator, account: str) -> None:
    bucket = {"bucket": f"payloads-{account}"}
    async with desk_on(lenient, account, claim_check=bucket) as desk:
        large = event("a", text=HUGE)
        made = desk.delaying()
        assert list(await made.publish([Outgoing(large, {"a": "b"}, 1)], timeout=10)) == [None]
        made.forward()
        await desk.mailbox.has("a")
        (got,) = desk.mailbox.got
        assert (got.event.to_json(), dict(got.headers)) == (large.to_json(), {"a": "b"})


async def test_a_queue_that_is_not_there_is_named_with_the_remedy(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, provisioned=False) as desk:
        made = desk.delaying()
        (outcome,) = await made.publish([later("a", 1)], timeout=5)
        assert isinstance(outcome, ConfigurationError)
        assert "'eventroute-delayed'" in str(outcome)
        assert "eventroute apply" in str(outcome)
        assert await made.outstanding() == 0


async def test_a_name_that_is_assumed_is_not_asked_for(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, provision="assume") as desk:
        assert list(await desk.delaying().publish([later("a", 1)], timeout=5)) == [None]
        assert [one.action for one in desk.proxy.log][-1] == "SendMessageBatch"
        # The first one is that of the desk, which made the queues.
        assert desk.proxy.log[-2].action != "GetQueueUrl"


async def test_a_request_without_an_answer_may_have_succeeded(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        made = desk.delaying()
        await made.publish([later("first", 900)], timeout=5)
        gate = Gate()
        desk.proxy.plan(gate, action="SendMessageBatch")
        desk.proxy.plan(gate, where=lambda one: one.path.startswith("/schedules/"))
        outcomes = await made.publish([later("a", 5), later("b", 5_000)], timeout=0.2)
        gate.open()
        assert [type(one) for one in outcomes] == [OutcomeUnknownError] * 2


async def test_an_event_whose_check_takes_too_long_was_not_sent(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, claim_check={"bucket": f"slow-{account}"}) as desk:
        made = desk.delaying()
        gate = Gate()
        desk.proxy.plan(gate, where=lambda one: one.method == "PUT")
        huge = Outgoing(event("a", text=HUGE), delay=5)
        outcomes = await made.publish([huge, later("b", 5)], timeout=0.5)
        gate.open()
        assert isinstance(outcomes[0], PublishTimeoutError)
        await desk.holds()


async def test_it_may_be_used_again_after_its_end(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account) as desk:
        made = desk.delaying()
        for name in ("a", "b"):
            made.forward()
            assert list(await made.publish([later(name, 0.1)], timeout=5)) == [None]
            await made.close()
            assert desk.mailbox.closed
        made.forward()
        await desk.mailbox.has("a", "b")


async def test_what_waits_is_counted_whatever_its_state(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        made = desk.delaying()
        messages = [later("a", 900), later("b", 5_000), later("c", 90_000)]
        assert list(await made.publish(messages, timeout=5)) == [None] * 3
        await desk.put("ready")
        assert await made.outstanding() == 4


async def test_what_cannot_be_counted_is_an_error(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account) as desk:
        made = desk.delaying()
        desk.proxy.plan(
            answer(503, "ServiceUnavailable"), action="GetQueueAttributes", times=math.inf
        )
        with pytest.raises(AdapterError, match="counting"):
            await made.outstanding()
