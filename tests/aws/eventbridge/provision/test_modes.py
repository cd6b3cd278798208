"""``provision``: create, validate or assume; queues that others made; what is refused."""

from __future__ import annotations

import json

import pytest

from eventroute.errors import ConfigurationError, UnsupportedError

from .account import BUS, LARGE, ORDERS, Account, ordered, topology


async def test_validate_names_every_difference_and_the_remedy(aws: Account) -> None:
    provisioner = await aws.provisioner(provision="validate")
    with pytest.raises(ConfigurationError) as caught:
        await provisioner.open(topology(a=ORDERS))
    for part in (
        "\n  create the event bus shop\n",
        "\n  create the queue eventroute-a-dead\n",
        "\n  create the queue eventroute-a\n",
        'create the rule eventroute-a (pattern {"source":["shop.orders"]})\n',
        "create the target queue of the rule eventroute-a (sends to arn:aws:sqs",
        "run `eventroute apply`",
    ):
        assert part in str(caught.value)
    assert await aws.queues() == set()


async def test_validate_refuses_a_bus_that_is_not_there_since_it_would_swallow_events(
    aws: Account,
) -> None:
    provisioner = await aws.provisioner(provision="validate")
    with pytest.raises(ConfigurationError, match="create the event bus shop"):
        await provisioner.open(topology())


async def test_validate_opens_what_was_applied(aws: Account) -> None:
    provisioner = await aws.provisioner(provision="validate")
    done = await provisioner.apply(topology(a=ORDERS))
    assert [change.resource for change in done] == [
        "event bus shop",
        "queue eventroute-a-dead",
        "queue eventroute-a",
        "rule eventroute-a",
        "target queue of the rule eventroute-a",
    ]
    (queue,) = await provisioner.open(topology(a=ORDERS))
    assert queue.url == await aws.url("eventroute-a")


async def test_assume_relies_on_the_names(aws: Account) -> None:
    (assumed,) = await (await aws.provisioner(provision="assume")).open(topology(a=ORDERS))
    assert await aws.queues() == set()
    (made,) = await (await aws.provisioner()).open(topology(a=ORDERS))
    assert assumed == made


async def test_opening_without_provisioning_creates_nothing(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS), provision=False)
    assert await aws.buses() == {"default"}
    assert await aws.queues() == set()


async def test_plan_changes_nothing(aws: Account) -> None:
    changes = await (await aws.provisioner()).plan(topology(a=ORDERS))
    assert {change.action for change in changes} == {"create"}
    assert await aws.buses() == {"default"}
    assert await aws.queues() == set()


async def test_ordered_subscriptions_are_refused_before_anything_is_made(aws: Account) -> None:
    provisioner = await aws.provisioner()
    wanted = topology(a=ORDERS, b=ordered("b", ORDERS), c=ordered("c", LARGE))
    with pytest.raises(UnsupportedError, match=r"'b', 'c'\. Put their sources on SNS"):
        await provisioner.open(wanted)
    assert await aws.queues() == set()


async def test_more_rules_than_the_bus_has_room_for_are_refused_with_those_of_others(
    aws: Account,
) -> None:
    await aws.make_bus()
    await aws.make_rule("theirs")
    provisioner = await aws.provisioner(max_rules=2)
    with pytest.raises(UnsupportedError, match=r"would have 3 rules, 1 of them of others"):
        await provisioner.open(topology(a=ORDERS, b=ORDERS))
    assert await aws.queues() == set()
    await provisioner.open(topology(a=ORDERS))


async def test_a_full_bus_still_opens_what_is_there(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS, b=ORDERS))
    await (await aws.provisioner(max_rules=1)).open(topology(a=LARGE))
    assert await aws.pattern("eventroute-a") == LARGE


async def test_a_rule_that_others_filled_with_targets_is_refused(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    for number in range(5):
        await aws.make_target("eventroute-a", f"theirs-{number}")
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match="would have 6 targets, with theirs-0, theirs-1"):
        await provisioner.open(topology(a=ORDERS))


async def test_a_mapped_queue_is_used_as_it_is(aws: Account) -> None:
    await aws.make_queue("their-queue", VisibilityTimeout="7")
    (queue,) = await (await aws.provisioner(queues={"a": "their-queue"})).open(topology(a=ORDERS))
    assert queue.url == await aws.url("their-queue")
    assert queue.dead_url == await aws.url("eventroute-a-dead")
    assert (await aws.targets("eventroute-a"))["queue"]["Arn"] == aws.queue_arn("their-queue")
    assert await aws.queue_tags("their-queue") == {}
    assert (await aws.queue("their-queue"))["VisibilityTimeout"] == "7"
    assert len(await aws.policy("their-queue")) == 1


async def test_a_mapped_queue_keeps_its_own_dead_letter_queue(aws: Account) -> None:
    letters = await aws.make_queue("their-letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 5})
    await aws.make_queue("their-queue", RedrivePolicy=redrive)
    for provision in ("create", "assume"):
        provisioner = await aws.provisioner(queues={"a": "their-queue"}, provision=provision)
        (queue,) = await provisioner.open(topology(a=ORDERS))
        assert queue.dead_url == await aws.url("their-letters")
    target = (await aws.targets("eventroute-a"))["queue"]
    assert target["DeadLetterConfig"] == {"Arn": letters}
    assert len(await aws.policy("their-letters")) == 1


async def test_a_mapped_queue_that_is_missing_is_named(aws: Account) -> None:
    provisioner = await aws.provisioner(queues={"a": "theirs"})
    with pytest.raises(ConfigurationError, match=r"eventbridge\.queues\.a: there is no queue"):
        await provisioner.open(topology(a=ORDERS))
    assert BUS not in await aws.buses()


async def test_an_ordered_queue_of_earlier_times_is_not_forgotten(aws: Account) -> None:
    await aws.make_queue("eventroute-a.fifo", FifoQueue="true")
    tags = {"eventroute": "eventroute"}
    url = await aws.url("eventroute-a.fifo")
    await (await aws.sqs()).tag_queue(QueueUrl=url, Tags=tags)
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match=r"work off eventroute-a\.fifo \(0 events\)"):
        await provisioner.open(topology(a=ORDERS))
