"""Replays over the wire: whom they reach, what they take, and how they end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LimitExceededError,
    NameNotFoundError,
    UnsupportedError,
)
from eventroute.pattern import Pattern
from eventroute.targets import SqsQueue
from eventroute.topology import Route, Topology
from eventroute_aws.eventbridge.archive.names import new_replay, rule_of_replay
from tools.emulators.proxy import answer, lose

from .replaying import as_on_aws, replay_state
from .world import ORDERS, World, event, published, since, taken, topology

SECOND = Pattern({"detail": {"number": [2]}})
ALWAYS = float("inf")


def where(pattern: Pattern = SECOND) -> Any:  # noqa: ANN401  a replay
    return replace(since(), pattern=pattern)


async def test_a_replay_delivers_again_and_does_not_know_how_much(world: World) -> None:
    adapter = await world.opened()
    await published(adapter, event(1), event(2))
    assert await taken(adapter) == [1, 2]
    assert await adapter.replay(since()) is None
    assert await taken(adapter) == [1, 2]


async def test_a_replay_goes_by_the_rules_of_subscriptions_and_of_nobody_else(
    world: World,
) -> None:
    theirs = await world.account.make_queue("theirs")
    route = Route("copies", Pattern(ORDERS), SqsQueue(theirs))
    adapter = await world.opened(Topology(topology(a=ORDERS, b=ORDERS).subscriptions, (route,)))
    await world.account.make_rule("eventroute-by-hand")
    await adapter.replay(since())
    (request,) = world.proxy.requests("StartReplay")
    assert sorted(request.json["Destination"]["FilterArns"]) == [
        world.account.rule_arn("eventroute-a"),
        world.account.rule_arn("eventroute-b"),
    ]


async def test_a_replay_into_no_subscription_starts_nothing(world: World) -> None:
    adapter = await world.opened(topology())
    assert await adapter.replay(since()) == 0
    assert world.proxy.requests("StartReplay") == []


async def test_a_name_that_has_no_rule_is_refused(world: World) -> None:
    adapter = await world.opened()
    with pytest.raises(NameNotFoundError, match=r"no subscription 'b'.*no rule eventroute-b"):
        await adapter.replay(replace(since(), subscriptions=("a", "b")))


async def test_a_time_is_rounded_to_more_whole_seconds_and_ends_now(world: World) -> None:
    adapter = await world.opened()
    begin = datetime(2026, 1, 31, 8, 0, 0, 700_000, tzinfo=UTC)
    replayed = replace(since(), since=begin, until=begin + timedelta(seconds=5))
    await adapter.replay(replayed)
    before = datetime.now(UTC).timestamp()
    await adapter.replay(since())
    first, second = world.proxy.requests("StartReplay")
    whole = begin.replace(microsecond=0).timestamp()
    assert (first.json["EventStartTime"], first.json["EventEndTime"]) == (whole, whole + 6)
    assert before <= second.json["EventEndTime"] <= datetime.now(UTC).timestamp() + 1


async def test_what_may_not_have_reached_the_archive_is_warned_of(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = await world.opened()
    ago = datetime.now(UTC) - timedelta(minutes=11)
    await adapter.replay(replace(since(), until=ago))
    assert "ten minutes" not in caplog.text
    await adapter.replay(since())
    assert "may take ten minutes to reach the archive" in caplog.text


async def test_a_pattern_chooses_by_rules_that_are_gone_afterwards(world: World) -> None:
    adapter = await world.opened()
    await published(adapter, event(1), event(2))
    await taken(adapter)
    await adapter.replay(where())
    assert await taken(adapter) == [2]
    assert await world.rules() == {"eventroute-a"}


async def test_the_rules_of_a_replay_match_nothing_but_it_and_send_as_the_others_do(
    world: World,
) -> None:
    adapter = await world.opened()
    seen: list[Any] = []

    async def look(request: Any, forward: Any) -> Any:  # noqa: ANN401  a fault
        (name,) = await world.rules() - {"eventroute-a"}
        rule, targets = (await world.account.rules())[name], await world.account.targets(name)
        seen.append((rule, targets, await world.account.tags(rule["Arn"])))
        return await as_on_aws(request, forward)

    world.proxy.calm()
    world.proxy.plan(look, action="StartReplay")
    await adapter.replay(where())
    ((rule, targets, tags),) = seen
    (request,) = world.proxy.requests("StartReplay")
    name = request.json["ReplayName"]
    assert json.loads(rule["EventPattern"]) == {
        "detail": {"number": [{"numeric": ["=", 2]}]},
        "replay-name": [name],
    }
    assert targets == await world.account.targets("eventroute-a")
    assert (tags["eventroute"], tags["eventroute:replay"]) == ("eventroute", name)
    assert request.json["Destination"]["FilterArns"] == [rule["Arn"]]


async def test_queues_let_the_rules_of_replays_send_from_the_start(world: World) -> None:
    await world.opened()
    for queue in ("eventroute-a", "eventroute-a-dead"):
        allowed = {
            arn
            for one in await world.account.policy(queue)
            for arn in one["Condition"]["ArnLike"]["aws:SourceArn"]
        }
        assert allowed == {
            world.account.rule_arn("eventroute-a"),
            world.account.rule_arn("eventroute-a-replay-*"),
        }


async def test_a_pattern_that_eventbridge_cannot_test_is_refused_with_the_place(
    world: World,
) -> None:
    adapter = await world.opened()
    with pytest.raises(UnsupportedError, match=r"by the whole pattern: .*id"):
        await adapter.replay(where(Pattern({"id": ["1"], "detail": {"number": [2]}})))
    assert world.proxy.requests("PutRule")[1:] == world.proxy.requests("StartReplay") == []


async def test_rules_that_the_bus_has_no_room_for_are_refused(world: World) -> None:
    adapter = await world.opened(topology(a=ORDERS, b=ORDERS), max_rules=3)
    with pytest.raises(UnsupportedError, match=r"2 more rules.*has 2 of 3"):
        await adapter.replay(where())
    await adapter.replay(replace(where(), subscriptions=("a",)))


async def test_who_waits_is_told_how_far_it_has_come(world: World) -> None:
    adapter = await world.opened()
    start = datetime(2026, 1, 31, 8, tzinfo=UTC)
    moments: list[datetime | None] = []
    for state, seconds in (("STARTING", None), ("RUNNING", 60), ("RUNNING", 60), ("COMPLETED", 90)):
        last = None if seconds is None else start.timestamp() + seconds
        world.proxy.plan(replay_state(state, last=last), action="DescribeReplay")
    await adapter.replay(replace(since(), progress=moments.append))
    assert moments == [None, start + timedelta(seconds=60), start + timedelta(seconds=90)]


@pytest.mark.parametrize(
    ("state", "told"), [("FAILED", "failed: too much"), ("CANCELLED", "somebody cancelled")]
)
async def test_a_replay_that_does_not_complete_is_an_error_and_leaves_no_rules(
    world: World, state: str, told: str
) -> None:
    adapter = await world.opened()
    world.proxy.plan(replay_state(state, reason="too much"), action="DescribeReplay")
    with pytest.raises(AdapterError, match=told):
        await adapter.replay(where())
    assert await world.rules() == {"eventroute-a"}


async def test_the_eleventh_replay_at_once_is_refused_and_leaves_no_rules(world: World) -> None:
    adapter = await world.opened()
    world.proxy.calm()
    world.proxy.plan(answer(400, "LimitExceededException"), action="StartReplay")
    with pytest.raises(LimitExceededError, match="ten unless AWS raised that"):
        await adapter.replay(where())
    assert await world.rules() == {"eventroute-a"}


async def test_a_replay_whose_start_was_not_answered_is_not_started_twice(world: World) -> None:
    adapter = await world.opened()
    await published(adapter, event(1))
    await taken(adapter)
    world.proxy.calm()
    world.proxy.plan(lose(), action="StartReplay")
    await adapter.replay(since())
    assert await taken(adapter) == [1]
    assert len(world.proxy.requests("StartReplay")) == 2


async def test_a_cancelled_replay_ends_on_aws_too_and_leaves_no_rules(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = await world.opened()
    world.proxy.calm()
    world.proxy.plan(replay_state("RUNNING"), action="StartReplay")  # any answer will do
    world.proxy.plan(replay_state("RUNNING"), action="DescribeReplay", times=ALWAYS)
    world.proxy.plan(replay_state("CANCELLING"), action="CancelReplay")
    async with anyio.create_task_group() as group:

        def stop(_: datetime | None) -> None:
            group.cancel_scope.cancel()

        await adapter.replay(replace(where(), progress=stop))
    (started,) = world.proxy.requests("StartReplay")
    (cancelled,) = world.proxy.requests("CancelReplay")
    assert cancelled.json == {"ReplayName": started.json["ReplayName"]}
    assert await world.rules() == {"eventroute-a"}
    assert "was cancelled; what it had delivered stays" in caplog.text


async def test_a_replay_that_cannot_be_watched_goes_on_with_its_rules(world: World) -> None:
    adapter = await world.opened()
    world.proxy.plan(answer(400, "AccessDeniedException"), action="DescribeReplay")
    with pytest.raises(AdapterError, match="goes on without being watched"):
        await adapter.replay(where())
    assert len(await world.rules()) == 2
    assert world.proxy.requests("CancelReplay") == []


async def leave_a_rule(world: World, name: str) -> str:
    """The rule of a replay whose process has died."""
    rule = rule_of_replay("eventroute-a", name)
    await world.account.make_rule(rule)
    await world.account.make_target(rule, "queue")
    tags: Any = [
        {"Key": "eventroute", "Value": "eventroute"},
        {"Key": "eventroute:replay", "Value": name},
    ]
    events = await world.account.events()
    await events.tag_resource(ResourceARN=world.account.rule_arn(rule), Tags=tags)
    return rule


async def test_rules_of_a_replay_that_nobody_ended_are_removed_by_the_next_one(
    world: World,
) -> None:
    adapter = await world.opened()
    rule = await leave_a_rule(world, new_replay("eventroute", datetime(2026, 1, 31, tzinfo=UTC)))
    assert rule in await world.rules()
    await adapter.replay(since())
    assert await world.rules() == {"eventroute-a"}


async def test_they_are_removed_by_apply_which_plan_tells(world: World) -> None:
    adapter = await world.opened()
    rule = await leave_a_rule(world, new_replay("eventroute", datetime(2026, 1, 31, tzinfo=UTC)))
    planned = await adapter.plan(topology(a=ORDERS))
    assert [one.resource for one in planned] == [
        f"target queue of the rule {rule}",
        f"rule {rule}",
    ]
    await adapter.apply(topology(a=ORDERS))
    assert await world.rules() == {"eventroute-a"}


async def test_rules_of_a_replay_that_runs_or_may_begin_yet_stay(world: World) -> None:
    adapter = await world.opened()
    begins = await leave_a_rule(world, new_replay("eventroute", datetime.now(UTC)))
    old = new_replay("eventroute", datetime(2026, 1, 31, tzinfo=UTC))
    runs = await leave_a_rule(world, old)
    world.proxy.plan(
        replay_state("RUNNING"),
        action="DescribeReplay",
        where=lambda request: request.json["ReplayName"] == old,
    )
    await adapter.apply(topology(a=ORDERS))
    assert await world.rules() == {"eventroute-a", begins, runs}


async def test_a_backend_that_is_told_to_keep_no_archive_says_how_to_have_one(
    world: World,
) -> None:
    adapter = await world.opened(archive="off")
    for asked in (adapter.replay(since()), adapter.describe_archive()):
        with pytest.raises(UnsupportedError, match=r"set eventbridge\.archive"):
            await asked


async def test_an_archive_that_is_not_there_is_told_with_the_remedy(world: World) -> None:
    adapter = await world.opened(archive="off")
    await adapter.close()
    with_archive = await world.opened(provision="assume")
    with pytest.raises(ConfigurationError, match=r"no archive eventroute-shop.*`eventroute apply`"):
        await with_archive.replay(since())


async def test_the_archive_tells_what_it_keeps(world: World) -> None:
    adapter = await world.opened()
    await published(adapter, event(1), event(2))
    state = await adapter.describe_archive()
    assert state.resource == "archive eventroute-shop of the event bus shop"
    assert (state.state, state.events, state.retention) == ("enabled", 2, 7 * 86_400)
    assert state.since is not None
    assert abs(state.since - datetime.now(UTC)) < timedelta(minutes=1)
    assert any("once a day" in note for note in state.notes)
