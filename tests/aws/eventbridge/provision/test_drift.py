"""What was changed by hand is back after the next opening; what belongs to others stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventroute import Event
from eventroute.port import Change

from .account import BUS, LARGE, ORDERS, Account, topology

THEIRS = {
    "Sid": "theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
    "Action": "sqs:SendMessage",
}


async def mended(aws: Account) -> Change:
    """Open; the one change that it took."""
    provisioner = await aws.provisioner()
    (change,) = await provisioner.plan(topology(a=ORDERS))
    await provisioner.open(topology(a=ORDERS))
    assert await provisioner.plan(topology(a=ORDERS)) == []
    return change


@pytest.fixture
async def opened(aws: Account) -> Account:
    """An account with the subscription ``a``."""
    await (await aws.provisioner()).open(topology(a=ORDERS))
    return aws


async def test_a_changed_pattern_changes_the_rule(opened: Account) -> None:
    await (await opened.provisioner()).open(topology(a=LARGE))
    assert await opened.pattern("eventroute-a") == LARGE


async def test_a_pattern_that_somebody_changed_comes_back(opened: Account) -> None:
    await (await opened.events()).put_rule(
        Name="eventroute-a",
        EventBusName=BUS,
        EventPattern='{"source":["x"]}',
        Description="Events for the subscription a",
    )
    change = await mended(opened)
    assert (change.action, change.resource) == ("change", "rule eventroute-a")
    assert change.details == ('pattern {"source":["x"]}, becomes {"source":["shop.orders"]}',)


async def test_a_pattern_that_is_only_written_differently_is_no_difference(
    opened: Account,
) -> None:
    await (await opened.events()).put_rule(
        Name="eventroute-a",
        EventBusName=BUS,
        EventPattern='{ "source": [ "shop.orders" ] }',
        Description="Events for the subscription a",
    )
    assert await (await opened.provisioner()).plan(topology(a=ORDERS)) == []


async def test_a_rule_that_was_disabled_is_enabled(opened: Account) -> None:
    await (await opened.events()).disable_rule(Name="eventroute-a", EventBusName=BUS)
    assert (await mended(opened)).details == ("State: DISABLED, becomes ENABLED",)
    await opened.publish(Event("shop.orders", "T", {}, id="e1"))
    assert await opened.received("eventroute-a") == ["e1"]


async def test_a_rule_that_was_deleted_comes_back(opened: Account) -> None:
    events = await opened.events()
    await events.remove_targets(Rule="eventroute-a", EventBusName=BUS, Ids=["queue"])
    await events.delete_rule(Name="eventroute-a", EventBusName=BUS)
    await (await opened.provisioner()).open(topology(a=ORDERS))
    assert set(await opened.targets("eventroute-a")) == {"queue"}


async def test_a_target_that_was_removed_comes_back(opened: Account) -> None:
    events = await opened.events()
    await events.remove_targets(Rule="eventroute-a", EventBusName=BUS, Ids=["queue"])
    change = await mended(opened)
    assert change == Change(
        "create",
        "target queue of the rule eventroute-a",
        (f"sends to {opened.queue_arn('eventroute-a')}",),
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}},
        {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111122223333:theirs"}},
        {"Input": '{"instead":"of the event"}'},
    ],
)
async def test_settings_of_a_target_come_back(opened: Account, settings: dict[str, Any]) -> None:
    before = await opened.targets("eventroute-a")
    await opened.make_target("eventroute-a", "queue", **settings)
    change = await mended(opened)
    assert (change.action, change.resource) == ("change", "target queue of the rule eventroute-a")
    assert await opened.targets("eventroute-a") == before


async def test_targets_of_others_stay(opened: Account) -> None:
    await opened.make_target("eventroute-a", "theirs")
    await (await opened.provisioner()).open(topology(a=LARGE))
    assert set(await opened.targets("eventroute-a")) == {"queue", "theirs"}


async def test_a_target_of_ours_that_is_not_wanted_any_more_goes(opened: Account) -> None:
    await opened.make_target("eventroute-a", "eventroute-before")
    change = await mended(opened)
    assert change.action == "delete"
    assert change.resource == "target eventroute-before of the rule eventroute-a"
    assert set(await opened.targets("eventroute-a")) == {"queue"}


@pytest.mark.parametrize("queue", ["eventroute-a", "eventroute-a-dead"])
async def test_a_queue_policy_that_was_removed_comes_back(opened: Account, queue: str) -> None:
    before = await opened.policy(queue)
    await opened.change_queue(queue, Policy="")
    assert (await mended(opened)).resource == f"queue {queue}"
    assert await opened.policy(queue) == before


async def test_statements_of_others_survive_in_a_queue_policy(opened: Account) -> None:
    theirs = THEIRS | {"Resource": opened.queue_arn("eventroute-a")}
    ours = await opened.policy("eventroute-a")
    # As the SNS backend of the same prefix writes it.
    topics = {**ours[0], "Sid": f"eventroute-eventroute-{opened.id}"}
    policy = {"Version": "2012-10-17", "Id": "whole", "Statement": [theirs, topics]}
    await opened.change_queue("eventroute-a", Policy=json.dumps(policy))
    await mended(opened)
    assert await opened.policy("eventroute-a") == [theirs, topics, *ours]


async def test_the_rule_on_an_earlier_bus_may_still_send(opened: Account) -> None:
    other = await opened.provisioner(bus="other")
    await other.open(topology(a=ORDERS))
    allowed = {
        arn
        for statement in await opened.policy("eventroute-a")
        for arn in statement["Condition"]["ArnLike"]["aws:SourceArn"]
    }
    assert allowed == {
        opened.rule_arn("eventroute-a", "other"),
        opened.rule_arn("eventroute-a"),
    }
    assert await other.plan(topology(a=ORDERS)) == []


async def test_tags_come_back_and_those_of_others_stay(opened: Account) -> None:
    events, arn = await opened.events(), opened.rule_arn("eventroute-a")
    await events.untag_resource(ResourceARN=arn, TagKeys=["eventroute"])
    await events.tag_resource(ResourceARN=arn, Tags=[{"Key": "cost", "Value": "shop"}])
    assert (await mended(opened)).details == ("tag eventroute: 'eventroute'",)
    assert await opened.tags(arn) == {
        "cost": "shop",
        "eventroute": "eventroute",
        "eventroute:subscription": "a",
    }


async def test_tags_of_the_bus_follow_the_options(opened: Account) -> None:
    await (await opened.provisioner(tags={"team": "shop"})).open(topology(a=ORDERS))
    assert (await opened.tags(opened.bus_arn()))["team"] == "shop"


async def test_a_bus_that_was_deleted_comes_back(opened: Account) -> None:
    await (await opened.events()).delete_event_bus(Name=BUS)
    await (await opened.provisioner()).open(topology(a=ORDERS))
    assert BUS in await opened.buses()
