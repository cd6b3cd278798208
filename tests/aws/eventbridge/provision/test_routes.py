"""Routes: rules whose targets are not queues of ours."""

from __future__ import annotations

import json

import pytest

from eventroute import Event
from eventroute.errors import UnsupportedError
from eventroute.pattern import Pattern
from eventroute.targets import (
    ApiDestination,
    EventBusTarget,
    InputTransformer,
    KinesisStream,
    LambdaFunction,
    SnsTopic,
    SqsQueue,
    Target,
)
from eventroute.topology import Route, Topology
from eventroute_aws.eventbridge.desired import desired_of
from eventroute_aws.eventbridge.routes import check_route
from eventroute_aws.options import EventBridgeOptions
from eventroute_aws.provisioning.names import Place

from .account import LARGE, ORDERS, Account, topology

ROLE = "arn:aws:iam::111122223333:role/events"


def routes(target: Target, pattern: object = ORDERS, **more: str) -> Topology:
    text = json.dumps(pattern)
    return Topology((), (Route("thumbs", Pattern(text), target, **more),))  # type: ignore[arg-type]


async def test_a_route_is_a_rule_with_its_target(aws: Account) -> None:
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    await (await aws.provisioner(target_retries=3)).open(routes(topic))
    (rule,) = (await aws.rules()).values()
    assert (rule["Name"], rule["Description"]) == (
        "eventroute-thumbs",
        "Events for the route thumbs",
    )
    assert (await aws.tags(aws.rule_arn("eventroute-thumbs")))["eventroute:route"] == "thumbs"
    (target,) = (await aws.targets("eventroute-thumbs")).values()
    assert (target["Arn"], target["RetryPolicy"]["MaximumRetryAttempts"]) == (topic.arn, 3)
    assert await aws.queues() == set()


async def test_the_whole_pattern_of_a_route_is_evaluated_by_eventbridge(aws: Account) -> None:
    pattern = {"account": ["111122223333"], "source": ["aws.s3"]}
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    await (await aws.provisioner()).open(routes(topic, pattern))
    assert await aws.pattern("eventroute-thumbs") == pattern


async def test_a_route_compares_numbers_as_eventbridge_does(aws: Account) -> None:
    pattern = {**ORDERS, "detail": {"at": [{"numeric": [">", 0]}]}}
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    await (await aws.provisioner()).open(routes(topic, pattern))
    assert await aws.pattern("eventroute-thumbs") == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        {**ORDERS, "id": [{"prefix": "order-"}]},
        {**ORDERS, "time": [{"suffix": "+09:00"}]},
        {**ORDERS, "tenant": ["a"]},
        {**ORDERS, "account": ["111122223333"]},
        {"account": ["111122223333"]},
        {"source": ["shop.orders", "aws.s3"], "region": ["us-east-1"]},
        {**ORDERS, "detail": {"_eventroute": [{"exists": False}]}},
        {**ORDERS, "detail": {"text": ["\ufffd"]}},
    ],
)
def test_a_route_by_what_is_not_published_to_eventbridge_as_it_is_is_refused(
    pattern: dict[str, object],
) -> None:
    """Nobody tests the pattern again behind the rule."""
    topic = SnsTopic("arn:aws:sns:us-east-1:111122223333:alarms")
    (route,) = routes(topic, pattern).routes
    with pytest.raises(UnsupportedError, match="cannot evaluate the whole pattern"):
        check_route(route, EventBridgeOptions())


@pytest.mark.parametrize("source", ["aws.s3", {"prefix": "aws.partner/"}])
def test_a_route_by_members_that_aws_writes_may_be_for_its_own_events(source: object) -> None:
    pattern = {"source": [source], "account": ["111122223333"], "time": [{"prefix": "2026-"}]}
    (route,) = routes(SnsTopic("arn:aws:sns:us-east-1:111122223333:x"), pattern).routes
    check_route(route, EventBridgeOptions())


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            KinesisStream("arn:aws:kinesis:us-east-1:111122223333:stream/x", ROLE, "$.detail.id"),
            {"RoleArn": ROLE, "KinesisParameters": {"PartitionKeyPath": "$.detail.id"}},
        ),
        (
            SqsQueue("arn:aws:sqs:us-east-1:111122223333:x.fifo", "all"),
            {"SqsParameters": {"MessageGroupId": "all"}},
        ),
        (
            ApiDestination(
                "arn:aws:events:us-east-1:111122223333:api-destination/crm/1",
                ROLE,
                path=("$.detail.id",),
                headers={"x-shop": "eu"},
            ),
            {
                "RoleArn": ROLE,
                "HttpParameters": {
                    "PathParameterValues": ["$.detail.id"],
                    "HeaderParameters": {"x-shop": "eu"},
                },
            },
        ),
        (
            EventBusTarget("arn:aws:events:us-east-1:111122223333:event-bus/x", ROLE),
            {"RoleArn": ROLE},
        ),
    ],
)
async def test_a_target_is_given_what_its_kind_needs(
    aws: Account, target: Target, told: dict[str, object]
) -> None:
    await (await aws.provisioner()).open(routes(target))
    (found,) = (await aws.targets("eventroute-thumbs")).values()
    assert {name: found.get(name) for name in told} == told


async def test_a_target_in_a_queue_gets_what_the_transformer_makes(aws: Account) -> None:
    await aws.make_queue("plain")
    to_it = SqsQueue(aws.queue_arn("plain"))
    shape = InputTransformer('{"id": "<total>"}', {"total": "$.detail.total"})
    route = Route("thumbs", Pattern(json.dumps(LARGE)), to_it, shape)
    await (await aws.provisioner()).open(Topology((), (route,)))
    await aws.publish(Event("shop.orders", "T", {"total": 1}))
    await aws.publish(Event("shop.orders", "T", {"total": 5000}))
    assert await aws.bodies("plain") == ["5000"]


async def test_a_changed_target_is_written_again(aws: Account) -> None:
    first = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:first")
    await (await aws.provisioner()).open(routes(first))
    second = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:second")
    (change,) = await (await aws.provisioner()).plan(routes(second))
    assert change.details == (f"Arn: {first.arn}, becomes {second.arn}",)
    await (await aws.provisioner()).open(routes(second))
    assert await (await aws.provisioner()).plan(routes(second)) == []


async def test_destroy_takes_routes_away(aws: Account) -> None:
    provisioner = await aws.provisioner(bus="default")
    await provisioner.open(routes(SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")))
    await provisioner.destroy(dry_run=False)
    assert await aws.rules("default") == {}


async def test_a_route_whose_pattern_a_rule_cannot_hold_is_refused(aws: Account) -> None:
    pattern = {"source": ["x" * 3_000]}
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    with pytest.raises(UnsupportedError, match="whole pattern of the route 'thumbs'"):
        await (await aws.provisioner()).open(routes(topic, pattern))
    assert await aws.buses() == {"default"}


async def test_routes_and_claim_checks_exclude_each_other(aws: Account) -> None:
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    provisioner = await aws.provisioner(claim_check={"bucket": "payloads"})
    with pytest.raises(UnsupportedError, match="'thumbs' would hand on events whose detail"):
        await provisioner.open(routes(topic))


async def test_routes_count_for_the_quota_of_rules(aws: Account) -> None:
    both = topology(a=ORDERS)
    topic = SnsTopic(f"arn:aws:sns:us-east-1:{aws.id}:alarms")
    whole = Topology(both.subscriptions, routes(topic).routes)
    with pytest.raises(UnsupportedError, match="2 subscriptions and routes need as many rules"):
        await (await aws.provisioner(max_rules=1)).open(whole)


async def test_a_provisioner_may_pass_the_role_of_a_target(aws: Account) -> None:
    stream = KinesisStream("arn:aws:kinesis:us-east-1:111122223333:stream/x", ROLE)
    policy = await (await aws.provisioner()).permissions("provisioner", routes(stream))
    statements = policy["Statement"]
    assert isinstance(statements, list)
    assert [one["Resource"] for one in statements if "iam:PassRole" in one["Action"]] == [[ROLE]]


def test_a_target_in_another_region_is_refused_before_anything_is_made() -> None:
    elsewhere = LambdaFunction("arn:aws:lambda:eu-west-1:111122223333:function:resize")
    options = EventBridgeOptions()
    with pytest.raises(UnsupportedError, match=r"'thumbs' leads to eu-west-1.* us-east-1"):
        desired_of(routes(elsewhere), options, Place("aws", "us-east-1", "111122223333"))


def test_another_region_is_reached_by_a_bus() -> None:
    bus = EventBusTarget("arn:aws:events:eu-west-1:111122223333:event-bus/other", ROLE)
    options = EventBridgeOptions()
    made = desired_of(routes(bus), options, Place("aws", "us-east-1", "111122223333"))
    assert made.rules[0].targets[0].arn == bus.arn
