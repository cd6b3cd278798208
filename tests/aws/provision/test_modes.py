"""``provision``: create, validate or assume; and queues and topics that others made."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import pytest

from eventroute import Event
from eventroute.errors import ConfigurationError, UnsupportedError
from tools.emulators import Emulator

from .account import LARGE, ORDERS, Account, ordered, topology
from .roles import record


async def test_validate_names_every_difference_and_the_remedy(aws: Account) -> None:
    provisioner = await aws.provisioner(provision="validate")
    with pytest.raises(ConfigurationError) as caught:
        await provisioner.open(topology(a=LARGE))
    for part in (
        "run `eventroute apply`",
        "\n  create the queue eventroute-a-dead\n",
        "\n  create the queue eventroute-a\n",
        "\n  create the topic eventroute-shop-orders\n",
        "\n  create the subscription of eventroute-a to eventroute-shop-orders (filter on MessageB",
    ):
        assert part in str(caught.value)
    assert await aws.queues() == set()


async def test_validate_opens_what_was_applied(aws: Account) -> None:
    provisioner = await aws.provisioner(provision="validate")
    done = await provisioner.apply(topology(a=ORDERS))
    assert [change.resource for change in done] == [
        "queue eventroute-a-dead",
        "queue eventroute-a",
        "topic eventroute-shop-orders",
        "subscription of eventroute-a to eventroute-shop-orders",
    ]
    (queue,) = await provisioner.open(topology(a=ORDERS))
    assert queue.url == await aws.url("eventroute-a")


@pytest.mark.parametrize("provision", ["validate", "assume"])
async def test_a_publish_to_an_unknown_source_is_refused_where_nothing_may_be_made(
    aws: Account, provision: str
) -> None:
    provisioner = await aws.provisioner(provision=provision)
    with pytest.raises(ConfigurationError, match=r"add 'shop.stock' to the option sns.sources"):
        await provisioner.topic("shop.stock")
    assert await aws.topics() == set()


async def test_assume_relies_on_the_names(aws: Account) -> None:
    everything = topology(a=ORDERS, b=ordered("b", {"source": ["shop.stock"]}))
    provisioner = await aws.provisioner(provision="assume")
    first, second = await provisioner.open(everything)
    assert await aws.queues() == set()
    await (await aws.provisioner()).open(everything)
    assert (first.url, first.dead_url) == (
        await aws.url("eventroute-a"),
        await aws.url("eventroute-a-dead"),
    )
    assert second.url == await aws.url("eventroute-b.fifo")
    assert (await provisioner.topic("shop.orders")).arn == aws.topic_arn("eventroute-shop-orders")
    stock = await provisioner.topic("shop.stock")
    assert (stock.arn, stock.ordered_by) == (
        aws.topic_arn("eventroute-shop-stock.fifo"),
        "order_id",
    )


async def test_plan_changes_nothing(aws: Account) -> None:
    changes = await (await aws.provisioner()).plan(topology(a=ORDERS))
    assert {change.action for change in changes} == {"create"}
    assert await aws.queues() == await aws.topics() == set()


async def test_a_standard_topic_stands_in_the_way_of_an_order(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match="aws sns delete-topic --topic-arn arn:aws:sns"):
        await provisioner.open(topology(b=ordered("b", ORDERS)))
    assert "eventroute-b.fifo" not in await aws.queues()


async def test_following_the_steps_makes_the_topic_fifo(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    arn = aws.topic_arn("eventroute-shop-orders")
    await (await aws.sns()).delete_topic(TopicArn=arn)
    await (await aws.provisioner()).open(topology(a=ORDERS, b=ordered("b", ORDERS)))
    await aws.publish("eventroute-shop-orders.fifo", Event("shop.orders", "T", {}, id="e1"))
    assert await aws.bodies("eventroute-a") == ["e1"]
    assert await aws.bodies("eventroute-b.fifo") == ["e1"]


async def test_a_topic_that_is_ordered_by_something_else_is_refused(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS, "order_id")))
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match="is ordered by 'order_id', and now by 'country'"):
        await provisioner.open(topology(b=ordered("b", ORDERS, "country")))


async def test_a_subscription_that_is_no_longer_ordered_does_not_forget_its_queue(
    aws: Account,
) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match=r"work off eventroute-a\.fifo \(0 events\)"):
        await provisioner.open(topology(a=ORDERS))
    assert "eventroute-a" not in await aws.queues()
    for queue in ("eventroute-a.fifo", "eventroute-a-dead.fifo"):
        await (await aws.sqs()).delete_queue(QueueUrl=await aws.url(queue))
    await provisioner.open(topology(a=ORDERS))


async def test_what_a_new_order_takes_is_one_list_in_its_order(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS, b=ORDERS))
    for queue in ("eventroute-a", "eventroute-a-dead", "eventroute-a-dead"):
        await (await aws.sqs()).send_message(QueueUrl=await aws.url(queue), MessageBody="{}")
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError) as caught:
        await provisioner.open(topology(a=ordered("a", ORDERS), b=ORDERS))
    head, *steps = str(caught.value).splitlines()
    assert head.startswith("what there is for 'a', 'shop.orders' was made with an order, or withou")
    where = f"--region us-east-1 --endpoint-url {aws.options['endpoint_url']}"
    assert [step.strip() for step in steps] == [
        "1. stop the publishers of 'shop.orders'",
        "2. let the earlier version of the application work off eventroute-a (1 events)",
        "3. with that version, redrive or discard the 2 dead letters in eventroute-a-dead",
        "4. let the other subscriptions of these sources work off their queues",
        f"5. aws sqs delete-queue --queue-url {await aws.url('eventroute-a')} {where}",
        f"6. aws sqs delete-queue --queue-url {await aws.url('eventroute-a-dead')} {where}",
        f"7. aws sns delete-topic --topic-arn {aws.topic_arn('eventroute-shop-orders')} {where}",
        "8. open the bus, or run `eventroute apply`, again; all other queues stay",
    ]


async def test_dead_letters_alone_of_the_time_before_are_not_forgotten(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await (await aws.sqs()).delete_queue(QueueUrl=await aws.url("eventroute-a"))
    await (await aws.sns()).delete_topic(TopicArn=aws.topic_arn("eventroute-shop-orders"))
    with pytest.raises(UnsupportedError, match=r"delete-queue .*/eventroute-a-dead "):
        await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))


async def test_a_source_with_both_kinds_of_topic_is_refused(aws: Account) -> None:
    ours = {"eventroute": "eventroute"}
    await aws.make_topic("eventroute-shop-orders", ours)
    await aws.make_topic("eventroute-shop-orders.fifo", ours, FifoTopic="true")
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match="has two topics"):
        await provisioner.open(topology(a=ORDERS))


async def test_a_mapped_topic_and_queue_are_used_as_they_are(aws: Account) -> None:
    topic = await aws.make_topic("theirs")
    await aws.make_queue("their-queue", VisibilityTimeout="7")
    provisioner = await aws.provisioner(
        topics={"shop.orders": "theirs"}, queues={"a": "their-queue"}
    )
    (queue,) = await provisioner.open(topology(a=ORDERS))
    assert queue.url == await aws.url("their-queue")
    assert (await provisioner.topic("shop.orders")).arn == topic
    await aws.publish("theirs", Event("shop.orders", "T", {}, id="e1"))
    assert await aws.bodies("their-queue") == ["e1"]
    assert await aws.queue_tags("their-queue") == await aws.topic_tags("theirs") == {}
    assert (await aws.queue("their-queue"))["VisibilityTimeout"] == "7"


async def test_a_mapped_topic_that_eventroute_alone_publishes_to_may_be_filtered(
    strict_aws: Account,
) -> None:
    await strict_aws.make_topic("theirs")
    provisioner = await strict_aws.provisioner(
        topics={"shop.orders": "theirs"}, filtered=["shop.orders"]
    )
    await provisioner.open(topology(a=ORDERS))
    assert await strict_aws.filter("theirs", "eventroute-a") == ("MessageBody", ORDERS)


async def test_what_others_publish_to_a_mapped_topic_is_filtered_by_the_worker_alone(
    aws: Account,
) -> None:
    await aws.make_topic("uploads")
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
    await (await aws.provisioner(topics={"aws.s3": "uploads"})).open(topology(a=pattern))
    notification = json.dumps({"Records": [{"eventSource": "aws:s3"}]})
    sns = await aws.sns()
    await sns.publish(TopicArn=aws.topic_arn("uploads"), Message=notification)
    assert await aws.texts("eventroute-a") == [notification]


async def test_a_mapped_queue_keeps_its_own_dead_letter_queue(aws: Account) -> None:
    letters = await aws.make_queue("their-letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 5})
    await aws.make_queue("their-queue", RedrivePolicy=redrive)
    for provision in ("create", "assume"):
        provisioner = await aws.provisioner(queues={"a": "their-queue"}, provision=provision)
        (queue,) = await provisioner.open(topology(a=ORDERS))
        assert queue.dead_url == await aws.url("their-letters")
    assert await aws.queues() == {"their-letters", "their-queue"}


@pytest.mark.parametrize("provision", ["create", "assume"])
async def test_two_mapped_queues_with_one_dead_letter_queue_are_refused(
    aws: Account, provision: str
) -> None:
    # A letter does not tell which of them it comes from.
    letters = await aws.make_queue("their-letters")
    redrive = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 5})
    for name in ("one", "other"):
        await aws.make_queue(name, RedrivePolicy=redrive)
    provisioner = await aws.provisioner(
        queues={"a": "one", "b": "other"}, topics={}, provision=provision
    )
    with pytest.raises(
        ConfigurationError, match=r"'a' and 'b' .* one and other, which share .* their-letters"
    ):
        await provisioner.open(topology(a=ORDERS, b=ORDERS))
    assert await aws.topics() == set()


async def test_a_mapped_queue_without_a_dead_letter_queue_is_told_of_once(
    aws: Account, caplog: pytest.LogCaptureFixture
) -> None:
    await aws.make_queue("their-queue")
    provisioner = await aws.provisioner(queues={"a": "their-queue"})
    await provisioner.open(topology(a=ORDERS))
    await provisioner.open(topology(a=ORDERS))
    (told,) = [one for one in caplog.messages if "their-queue names no dead-letter queue" in one]
    assert "RedrivePolicy" in told
    assert "eventroute-a-dead" in await aws.queues()


async def test_a_mapped_topic_of_another_account_is_not_asked_for_its_tags(
    strict_aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A topic's policy can grant another account everything that opening looks at, but its tags.
    arn = await strict_aws.make_topic("theirs")
    async with AsyncExitStack() as stack:
        number = "9" * 12
        for name, value in Emulator.credentials(number).items():
            monkeypatch.setenv(name, value)
        other = await Account.enter(stack, {**strict_aws.options, "account": number})
        called = await record(other)
        provisioner = await other.provisioner(topics={"shop.orders": arn})
        await provisioner.open(topology(a=ORDERS))
        (statement,) = [
            one for one in await other.policy("eventroute-a") if one["Sid"].endswith(strict_aws.id)
        ]
        assert statement["Condition"]["ArnLike"]["aws:SourceArn"] == [arn]
        assert "sns:ListTagsForResource" not in called
        await provisioner.destroy(dry_run=False)


async def test_a_mapped_queue_or_topic_that_is_missing_is_named(aws: Account) -> None:
    provisioner = await aws.provisioner(queues={"a": "their-queue"})
    with pytest.raises(
        ConfigurationError, match=r"sns\.queues\.a: there is no queue 'their-queue'"
    ):
        await provisioner.open(topology(a=ORDERS))
    provisioner = await aws.provisioner(topics={"shop.orders": "theirs"})
    with pytest.raises(ConfigurationError, match=r"sns\.topics\.shop\.orders: there is no topic"):
        await provisioner.open(topology(a=ORDERS))
    assert await aws.queues() == set()
