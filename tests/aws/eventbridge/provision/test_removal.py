"""Dropping subscriptions, and destroying everything: of ours, and of nobody else's."""

from __future__ import annotations

import json

import pytest

from .account import BUS, ORDERS, Account, topology


async def test_drop_deletes_the_queues_and_the_rule_of_a_subscription(strict_aws: Account) -> None:
    # LocalStack, as AWS, refuses to delete a rule that has targets; ministack does not.
    provisioner = await strict_aws.provisioner()
    await provisioner.open(topology(a=ORDERS, b=ORDERS))
    await provisioner.drop(["a", "unknown"])
    assert await strict_aws.queues() == {"eventroute-b", "eventroute-b-dead"}
    assert set(await strict_aws.rules()) == {"eventroute-b"}


async def test_drop_leaves_others_and_is_harmless_the_second_time(aws: Account) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS, b=ORDERS))
    await provisioner.drop(["a"])
    await provisioner.drop(["a"])
    assert await aws.queues() == {"eventroute-b", "eventroute-b-dead"}
    assert set(await aws.rules()) == {"eventroute-b"}


async def test_drop_leaves_a_rule_for_the_targets_of_others(
    aws: Account, caplog: pytest.LogCaptureFixture
) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS))
    await aws.make_target("eventroute-a", "theirs")
    await provisioner.drop(["a"])
    assert set(await aws.targets("eventroute-a")) == {"theirs"}
    assert await aws.queues() == set()
    assert "the rule eventroute-a stays for targets of others" in caplog.text


async def test_drop_leaves_mapped_queues_without_our_statements(aws: Account) -> None:
    letters = await aws.make_queue("their-letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 5})
    await aws.make_queue("their-queue", RedrivePolicy=redrive)
    provisioner = await aws.provisioner(queues={"a": "their-queue"})
    await provisioner.open(topology(a=ORDERS))
    await provisioner.drop(["a"])
    assert await aws.queues() == {"their-letters", "their-queue"}
    assert await aws.policy("their-queue") == await aws.policy("their-letters") == []
    assert await aws.rules() == {}


async def test_drop_does_not_touch_a_rule_of_others_that_has_the_name(aws: Account) -> None:
    await aws.make_bus()
    await aws.make_rule("eventroute-a")
    await (await aws.provisioner()).drop(["a"])
    assert set(await aws.rules()) == {"eventroute-a"}


@pytest.mark.parametrize("bus", [BUS, "default"])
async def test_destroy_removes_everything_of_ours(strict_aws: Account, bus: str) -> None:
    await (await strict_aws.provisioner(bus=bus)).open(topology(a=ORDERS, b=ORDERS))
    changes = await (await strict_aws.provisioner(bus=bus)).destroy(dry_run=False)
    assert {change.action for change in changes} == {"delete"}
    assert await strict_aws.queues() == set()
    assert await strict_aws.buses() == {"default"}
    assert await strict_aws.rules("default") == {}


async def test_destroy_tells_what_it_deletes_and_in_which_order(aws: Account) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS))
    await aws.make_target("eventroute-a", "theirs")
    told = await provisioner.destroy(dry_run=True)
    assert [change.resource for change in told] == [
        "targets queue, theirs of the rule eventroute-a",
        "rule eventroute-a",
        "event bus shop",
        "queue eventroute-a",
        "queue eventroute-a-dead",
    ]
    assert told[0].details[1] == f"sends to {aws.queue_arn('theirs')}"
    assert set(await aws.rules()) == {"eventroute-a"}
    await provisioner.destroy(dry_run=False)
    assert await aws.queues() == set()
    assert BUS not in await aws.buses()


async def test_destroy_leaves_a_bus_with_rules_of_others(
    aws: Account, caplog: pytest.LogCaptureFixture
) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await (await aws.provisioner(prefix="other")).open(topology(a=ORDERS))
    await aws.make_rule("eventroute-theirs")
    await (await aws.provisioner()).destroy(dry_run=False)
    assert set(await aws.rules()) == {"eventroute-theirs", "other-a"}
    assert await aws.queues() == {"other-a", "other-a-dead"}
    assert "the event bus shop stays for 2 rules of others" in caplog.text


async def test_destroy_leaves_a_bus_of_somebody_else(aws: Account) -> None:
    await aws.make_bus()
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await (await aws.provisioner()).destroy(dry_run=False)
    assert await aws.rules() == {}
    assert BUS in await aws.buses()


async def test_destroy_of_nothing_does_nothing(strict_aws: Account) -> None:
    assert await (await strict_aws.provisioner()).destroy(dry_run=False) == []
