"""Longer delays are schedules of EventBridge Scheduler."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest

from eventroute.envelope import Event
from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LimitExceededError,
    UnsupportedError,
)
from eventroute.port import Outgoing
from eventroute.topology import Topology
from eventroute_aws.delays.provision import ProvisioningOfDelays
from eventroute_aws.delays.resting import read_resting
from eventroute_aws.delays.schedules import expression_of, schedule_name
from tests.aws.delays.desk import QUEUE, ROLE, Bare, Desk, ShiftedClock, desk_on, event, later
from tools.emulators import Emulator
from tools.emulators.proxy import Forward, Request, Response, answer

DAY = 86_400.0


async def schedules(desk: Desk) -> list[str]:
    answer = await (await desk.clients.scheduler()).list_schedules(GroupName=QUEUE)
    return [one.get("Name", "") for one in answer["Schedules"]]


def test_a_schedule_comes_a_minute_early_in_utc() -> None:
    due = datetime(2027, 3, 28, 2, 30, 15, 900_000, tzinfo=UTC).timestamp()
    assert expression_of(due) == "at(2027-03-28T02:29:15)"


@pytest.mark.parametrize("due", [1e12, 1e300])
def test_a_moment_beyond_the_year_9999_is_refused(due: float) -> None:
    with pytest.raises(UnsupportedError, match="9999"):
        expression_of(due)


def test_an_event_has_the_same_name_each_time_and_no_other_has_it() -> None:
    one = schedule_name("shop", event("1"))
    assert one == schedule_name("shop", event("1", more="detail"))
    assert one != schedule_name("shop", event("2"))
    assert one != schedule_name("shop", Event("shop.stock", "OrderPlaced", {}, id="1"))
    longest = schedule_name("p" * 30, Event("ü" * 200, "T", {}, id="ü" * 500))
    assert re.fullmatch("[0-9a-zA-Z-_.]{1,64}", longest)
    assert re.fullmatch("[0-9a-f]{32}", schedule_name("", event("1")))


async def test_a_schedule_sends_the_event_to_the_queue_once_and_is_gone(
    lenient: Emulator, account: str
) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        message = later("a", 901, {"a": "b"})
        assert list(await desk.delaying().publish([message], timeout=5)) == [None]
        (name,) = await schedules(desk)
        found = await (await desk.clients.scheduler()).get_schedule(Name=name, GroupName=QUEUE)
        arn = f"arn:aws:sqs:us-east-1:{account}:{QUEUE}"
        target = found["Target"]
        waits = read_resting(target.pop("Input"))
        assert (waits.body, waits.headers) == (message.event.to_json(), {"a": "b"})
        assert found["ScheduleExpression"] == expression_of(waits.due)
        assert found["ScheduleExpressionTimezone"] == "UTC"
        assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert found["ActionAfterCompletion"] == "DELETE"
        assert target == {
            "Arn": arn,
            "RoleArn": ROLE,
            "DeadLetterConfig": {"Arn": f"{arn}-dead"},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
        }
        assert desk.waits() == []


async def test_a_publish_that_is_repeated_adds_no_schedule(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        made, repeated = desk.delaying(), later("a", 1_000, {"a": "b"})  # an event has its second
        for _ in range(2):
            assert list(await made.publish([repeated], timeout=5)) == [None]
        assert len(await schedules(desk)) == 1


@pytest.mark.parametrize(
    "other",
    [
        later("a", 90_000),
        later("a", 1_000, {"try": "2"}),
        Outgoing(event("a", more="detail"), delay=1_000),
    ],
    ids=["time", "headers", "content"],
)
async def test_an_event_that_is_put_off_otherwise_while_its_schedule_is_there_has_another(
    lenient: Emulator, account: str, other: Outgoing
) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        made = desk.delaying()
        assert list(await made.publish([later("a", 1_000)], timeout=5)) == [None]
        assert list(await made.publish([other], timeout=5)) == [None]
        scheduler = await desk.clients.scheduler()
        waiting = [
            read_resting(
                (await scheduler.get_schedule(Name=name, GroupName=QUEUE))["Target"].get(
                    "Input", ""
                )
            )
            for name in await schedules(desk)
        ]
        assert len(waiting) == 2
        assert (other.event.to_json(), other.headers) in [
            (one.body, one.headers) for one in waiting
        ]


async def test_a_conflict_without_a_schedule_is_no_success(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        code = "ConflictException"
        desk.proxy.plan(
            answer(409, code, **{"x-amzn-errortype": code}),
            where=lambda one: one.path.startswith("/schedules/") and one.method == "POST",
            times=2,
        )
        (refused,) = await desk.delaying().publish([later("a", 1_000)], timeout=5)
        assert isinstance(refused, AdapterError)
        assert "there is no such schedule" in str(refused)
        assert await schedules(desk) == []


async def test_what_comes_from_a_schedule_is_published(lenient: Emulator, account: str) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        # To a publisher of yesterday, what is due now lies a day ahead.
        publisher, forwarder = desk.delaying(ShiftedClock(-DAY)), desk.delaying()
        message = later("a", DAY - 30, {"a": "b"})
        assert list(await publisher.publish([message], timeout=5)) == [None]
        assert await forwarder.outstanding() == 1
        forwarder.forward()
        await desk.mailbox.has("a")  # ministack looks at its schedules every ten seconds
        (got,) = desk.mailbox.got
        assert got == Outgoing(message.event, {"a": "b"})
        assert await schedules(desk) == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (402, "ServiceQuotaExceededException", LimitExceededError),
        (429, "ThrottlingException", AdapterError),
        (500, "InternalServerException", AdapterError),
        (400, "ValidationException", ConfigurationError),
    ],
)
async def test_what_scheduler_refuses_is_the_outcome(
    lenient: Emulator, account: str, status: int, code: str, error: type[Exception]
) -> None:
    async with desk_on(lenient, account, scheduler_role=ROLE) as desk:
        desk.proxy.plan(
            answer(status, code, **{"x-amzn-errortype": code}),
            where=lambda one: one.path.startswith("/schedules/"),
            times=math.inf,
        )
        refused, waits = await desk.delaying().publish(
            [later("a", 1_000), later("b", 5)], timeout=5
        )
        assert isinstance(refused, error)
        assert "scheduling the event a" in str(refused)
        assert waits is None


async def test_a_group_that_is_being_deleted_is_waited_for(lenient: Emulator, account: str) -> None:
    async def deleting(_: Request, __: Forward) -> Response:
        return Response(200, {"content-type": "application/json"}, b'{"State": "DELETING"}')

    async with desk_on(lenient, account) as desk:
        given = desk.options.model_copy(update={"scheduler_role": ROLE})
        desk.proxy.plan(
            deleting,
            where=lambda one: one.path.startswith("/schedule-groups/") and one.method == "GET",
            times=2,
        )
        await ProvisioningOfDelays(Bare(), desk.clients, given).apply(Topology())
        asked = [one.method for one in desk.proxy.log if one.path.startswith("/schedule-groups/")]
        assert asked == ["GET", "GET", "GET", "POST"]
