"""What was changed by hand is back after the next opening; what belongs to others stays."""

from __future__ import annotations

import json

from eventroute import Event

from .account import LARGE, ORDERS, Account, ordered, topology

TYPED = {"source": ["shop.orders"], "detail-type": ["OrderPlaced"]}
THEIRS = {
    "Sid": "theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
    "Action": "sqs:SendMessage",
}


async def test_attributes_of_a_queue_come_back(strict_aws: Account) -> None:
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    await strict_aws.change_queue(
        "eventroute-a", VisibilityTimeout="1", RedrivePolicy="", MessageRetentionPeriod="60"
    )
    provisioner = await strict_aws.provisioner()
    (change,) = await provisioner.plan(topology(a=ORDERS))
    assert (change.action, change.resource) == ("change", "queue eventroute-a")
    assert set(change.details) >= {
        "VisibilityTimeout: 1, becomes 30",
        "MessageRetentionPeriod: 60, becomes 345600",
    }
    await provisioner.open(topology(a=ORDERS))
    queue = await strict_aws.queue("eventroute-a")
    assert queue["VisibilityTimeout"] == "30"
    assert json.loads(queue["RedrivePolicy"])["maxReceiveCount"] == 1000


async def test_encryption_comes_back(strict_aws: Account) -> None:
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    await strict_aws.change_queue("eventroute-a", SqsManagedSseEnabled="false")
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    assert (await strict_aws.queue("eventroute-a"))["SqsManagedSseEnabled"] == "true"


async def test_a_queue_policy_that_was_removed_comes_back(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await aws.change_queue("eventroute-a", Policy="")
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await aws.publish("eventroute-shop-orders", Event("shop.orders", "T", {}, id="e1"))
    assert await aws.bodies("eventroute-a") == ["e1"]


async def test_statements_of_others_survive_in_a_queue_policy(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    theirs = THEIRS | {"Resource": aws.queue_arn("eventroute-a")}
    ours = await aws.policy("eventroute-a")
    policy = {"Version": "2012-10-17", "Id": "whole", "Statement": [theirs, *ours]}
    await aws.change_queue("eventroute-a", Policy=json.dumps(policy))
    await (await aws.provisioner()).open(topology(a={"source": ["shop.stock"]}))
    first, second, _ = await aws.policy("eventroute-a")
    assert first == theirs
    assert second["Condition"]["ArnLike"]["aws:SourceArn"] == [
        aws.topic_arn("eventroute-shop-stock")
    ]


async def test_a_subscription_that_was_removed_comes_back(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    found = await aws.subscriptions("eventroute-shop-orders")
    arn = found["eventroute-a"]["SubscriptionArn"]
    await (await aws.sns()).unsubscribe(SubscriptionArn=arn)
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert set(await aws.subscriptions("eventroute-shop-orders")) == {"eventroute-a"}


async def test_raw_delivery_comes_back(strict_aws: Account) -> None:
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    arn = (await strict_aws.subscriptions("eventroute-shop-orders"))["eventroute-a"]
    await (await strict_aws.sns()).set_subscription_attributes(
        SubscriptionArn=arn["SubscriptionArn"],
        AttributeName="RawMessageDelivery",
        AttributeValue="false",
    )
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    found = await strict_aws.subscriptions("eventroute-shop-orders")
    assert found["eventroute-a"]["RawMessageDelivery"] == "true"


async def test_a_changed_pattern_changes_the_filter(strict_aws: Account) -> None:
    await (await strict_aws.provisioner()).open(topology(a=LARGE))
    await (await strict_aws.provisioner()).open(topology(a=TYPED))
    assert await strict_aws.filter("eventroute-shop-orders", "eventroute-a") == (
        "MessageBody",
        TYPED,
    )


async def test_a_filter_that_is_not_needed_any_more_is_removed(strict_aws: Account) -> None:
    await (await strict_aws.provisioner()).open(topology(a=LARGE))
    await (await strict_aws.provisioner()).open(topology(a=ORDERS))
    assert await strict_aws.filter("eventroute-shop-orders", "eventroute-a") == ("", {})


async def test_a_filter_may_move_between_body_and_attributes(strict_aws: Account) -> None:
    # SNS refuses a scope that does not fit the policy, so that the order of the calls matters.
    options = {"claim_check": {"bucket": "payloads"}, "attributes": {"detail.total": "total"}}
    scopes: list[str] = []
    for given in ({}, options, {}):
        await (await strict_aws.provisioner(**given)).open(topology(a=LARGE))
        scope, policy = await strict_aws.filter("eventroute-shop-orders", "eventroute-a")
        scopes.append(scope)
        assert policy["source"] == ["shop.orders"]
    assert scopes == ["MessageBody", "MessageAttributes", "MessageBody"]


async def test_a_subscription_leaves_a_source_that_its_pattern_no_longer_names(
    aws: Account,
) -> None:
    await (await aws.provisioner()).open(topology(a={"source": ["shop.orders", "shop.stock"]}))
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert await aws.subscriptions("eventroute-shop-stock") == {}
    assert await aws.topics() == {"eventroute-shop-orders", "eventroute-shop-stock"}


async def test_tags_come_back_and_those_of_others_stay(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    sqs, sns = await aws.sqs(), await aws.sns()
    url, arn = await aws.url("eventroute-a"), aws.topic_arn("eventroute-shop-orders")
    await sqs.untag_queue(QueueUrl=url, TagKeys=["eventroute"])
    await sqs.tag_queue(QueueUrl=url, Tags={"cost": "shop"})
    await sns.untag_resource(ResourceArn=arn, TagKeys=["eventroute"])
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert await aws.queue_tags("eventroute-a") == {
        "cost": "shop",
        "eventroute": "eventroute",
        "eventroute:subscription": "a",
    }
    assert (await aws.topic_tags("eventroute-shop-orders"))["eventroute"] == "eventroute"


async def test_attributes_of_a_topic_come_back(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))
    await (await aws.sns()).set_topic_attributes(
        TopicArn=aws.topic_arn("eventroute-shop-orders.fifo"),
        AttributeName="ContentBasedDeduplication",
        AttributeValue="true",
    )
    provisioner = await aws.provisioner()
    (change,) = await provisioner.plan(topology(a=ordered("a", ORDERS)))
    assert change.details == ("ContentBasedDeduplication: true, becomes false",)
    await provisioner.open(topology(a=ordered("a", ORDERS)))
    assert await provisioner.plan(topology(a=ordered("a", ORDERS))) == []


async def test_a_dead_letter_queue_that_was_deleted_comes_back(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    url = await aws.url("eventroute-a-dead")
    await (await aws.sqs()).delete_queue(QueueUrl=url)
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert "eventroute-a-dead" in await aws.queues()
