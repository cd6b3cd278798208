"""A topology becomes rules, targets and queues; what cannot be is refused at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute.pattern import Pattern
from eventroute.targets import InputTransformer
from eventroute.topology import Subscription, Topology
from eventroute_aws.eventbridge.desired import desired_of
from eventroute_aws.eventbridge.differences import Found, differences
from eventroute_aws.eventbridge.filters import EVERY_EVENT, pattern_of
from eventroute_aws.eventbridge.found import FoundBus, FoundRule
from eventroute_aws.eventbridge.needs import check_needs
from eventroute_aws.eventbridge.resources import (
    Desired,
    DesiredBus,
    DesiredRule,
    Target,
)
from eventroute_aws.eventbridge.steps import WriteRule
from eventroute_aws.options import EventBridgeOptions
from eventroute_aws.provisioning.names import Place

from .account import LARGE, ORDERS, ordered, topology

OURS = {"eventroute": "eventroute"}
PLACE = Place("aws", "us-east-1", "111122223333")


def desired(wanted: Topology, **given: object) -> Desired:
    options = EventBridgeOptions.model_validate(given)
    check_needs(wanted, options)
    return desired_of(wanted, options, PLACE)


def written(pattern: Mapping[str, Any], **given: object) -> object:
    return json.loads(pattern_of(Pattern(pattern), EventBridgeOptions.model_validate(given)))


def test_a_pattern_is_carried_whole() -> None:
    assert written(LARGE) == LARGE


@pytest.mark.parametrize("member", ["id", "time", "account", "region", "version", "replay-name"])
def test_members_that_eventbridge_writes_itself_are_left_to_the_worker(member: str) -> None:
    assert written({"source": ["shop.orders"], member: ["x"]}) == ORDERS
    assert written({member: ["x"]}) == json.loads(EVERY_EVENT)


def test_the_member_of_publishers_is_not_part_of_the_event() -> None:
    tests = {"detail": {"_eventroute": [{"exists": False}], "total": ["5"]}}
    assert written(tests) == {"detail": {"total": ["5"]}}


def test_a_detail_that_may_be_in_a_bucket_is_not_tested() -> None:
    claim_check = {"bucket": "payloads"}
    assert written(LARGE, claim_check=claim_check) == ORDERS
    assert written({"detail": {"n": [1]}}, claim_check=claim_check) == json.loads(EVERY_EVENT)


def test_a_pattern_that_is_too_long_is_narrowed_to_the_quota() -> None:
    long = {"detail": {"id": [f"order-{number}" for number in range(300)]}}
    assert written(long) == {"detail": {"id": [{"prefix": "order-"}]}}
    text = pattern_of(Pattern(long), EventBridgeOptions(max_pattern_characters=4_096))
    assert 2_048 < len(text) <= 4_096


def test_ordered_subscriptions_are_named_with_the_ways_out() -> None:
    with pytest.raises(UnsupportedError) as caught:
        desired(topology(a=ordered("a", ORDERS), b=ORDERS))
    for part in ("EventBridge keeps no order", "'a'", 'backend = "sns"', "leave ordered_by out"):
        assert part in str(caught.value)
    assert "'b'" not in str(caught.value)


def test_a_visibility_timeout_is_twelve_hours_at_most() -> None:
    wanted = Topology((Subscription("a", Pattern(ORDERS), visibility_timeout=43_201),))
    with pytest.raises(UnsupportedError, match="hides events for 43201 s"):
        desired(wanted)


def test_a_fifo_queue_cannot_be_a_target() -> None:
    with pytest.raises(UnsupportedError, match=r"to the FIFO queue 'theirs\.fifo'"):
        desired(topology(a=ORDERS), queues={"a": "theirs.fifo"})


def test_a_mapped_queue_has_a_name_that_a_queue_can_have() -> None:
    with pytest.raises(ConfigurationError, match=r"eventbridge\.queues\.a: .* cannot name"):
        desired(topology(a=ORDERS), queues={"a": "a b"})


def test_more_subscriptions_than_a_bus_has_rules_are_refused_without_looking() -> None:
    many = Topology(tuple(Subscription(f"s{n}", Pattern(ORDERS)) for n in range(301)))
    with pytest.raises(UnsupportedError, match=r"301 subscriptions .*eventbridge\.max_rules"):
        desired(many)
    assert len(desired(many, max_rules=301).rules) == 301


def test_a_target_is_written_as_eventbridge_takes_it() -> None:
    target = Target(
        "eventroute-mail",
        "arn:aws:lambda:us-east-1:111122223333:function:mail",
        role="arn:aws:iam::111122223333:role/mail",
        transformer=InputTransformer('{"order": <id>}', {"id": "$.detail.id"}),
        dead="arn:aws:sqs:us-east-1:111122223333:lost",
        retries=2,
        max_age=60,
    )
    assert target.to_aws() == {
        "Id": "eventroute-mail",
        "Arn": "arn:aws:lambda:us-east-1:111122223333:function:mail",
        "RoleArn": "arn:aws:iam::111122223333:role/mail",
        "InputTransformer": {
            "InputTemplate": '{"order": <id>}',
            "InputPathsMap": {"id": "$.detail.id"},
        },
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111122223333:lost"},
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
    }


BUS = DesiredBus("shop", PLACE.bus("shop"))


def rule(targets: int) -> DesiredRule:
    given = tuple(Target(f"eventroute-{n}", PLACE.queue(f"q{n}")) for n in range(targets))
    return DesiredRule("r", PLACE.rule("r", "shop"), "shop", json.dumps(ORDERS), targets=given)


def test_a_rule_has_up_to_five_targets_of_any_kind() -> None:
    found = Found(FoundBus("shop", BUS.arn, {}))
    options = EventBridgeOptions(bus="shop")
    steps = differences(Desired(BUS, rules=(rule(5),)), found, options)
    assert [step.change.action for phase in steps for step in phase] == ["create", "create"]
    with pytest.raises(UnsupportedError, match="would have 6 targets and EventBridge allows 5"):
        differences(Desired(BUS, rules=(rule(6),)), found, options)


def test_targets_that_go_make_room_for_those_that_come() -> None:
    five = {f"eventroute-old-{n}": Target(f"eventroute-old-{n}", "a").to_aws() for n in range(5)}
    there = FoundRule("r", "", json.dumps(ORDERS), "ENABLED", tags=OURS, targets=five)
    found = Found(FoundBus("shop", BUS.arn, {}), rules={"r": there})
    phases = differences(Desired(BUS, rules=(rule(5),)), found, EventBridgeOptions(bus="shop"))
    assert [step.change.action for phase in phases for step in phase] == ["delete", "create"]


def test_several_targets_that_changed_are_written_at_once() -> None:
    wanted = rule(2)
    transformer = InputTransformer("<id>", {"id": "$.id"})
    given = tuple(replace(one, transformer=transformer) for one in wanted.targets)
    wanted = replace(wanted, targets=given)
    old = {one.id: replace(one, retries=7).to_aws() for one in given}
    there = FoundRule("r", "", wanted.pattern, "ENABLED", tags=OURS, targets=old)
    found = Found(FoundBus("shop", BUS.arn, {}), rules={"r": there})
    phases = differences(Desired(BUS, rules=(wanted,)), found, EventBridgeOptions(bus="shop"))
    (step,) = [step for phase in phases for step in phase]
    assert step.change.resource == "targets eventroute-0, eventroute-1 of the rule r"
    assert step.change.details[0].startswith('eventroute-0: RetryPolicy: {"MaximumRetryAttempts":7')


def test_a_rule_that_an_aws_service_keeps_is_not_ours() -> None:
    kept = FoundRule("r", PLACE.rule("r", "shop"), "{}", "ENABLED", manager="prod.vhs.amazonaws")
    found = Found(FoundBus("shop", BUS.arn, {}), rules={"r": kept})
    with pytest.raises(ConfigurationError, match=r"the rule r belongs to prod\.vhs"):
        differences(Desired(BUS, rules=(rule(1),)), found, EventBridgeOptions(bus="shop"))


def test_a_rule_that_also_lets_events_of_cloudtrail_through_goes_on_doing_so() -> None:
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    there = FoundRule("r", PLACE.rule("r", "shop"), '{"source":["x"]}', state, tags=OURS)
    found = Found(FoundBus("shop", BUS.arn, {}), rules={"r": there})
    phases = differences(Desired(BUS, rules=(rule(0),)), found, EventBridgeOptions(bus="shop"))
    (step,) = [step for phase in phases for step in phase]
    assert isinstance(step, WriteRule)
    assert step.state == state


def test_a_schedule_on_our_rule_is_removed_since_its_events_are_none() -> None:
    pattern = json.dumps(ORDERS)
    there = FoundRule("r", "", pattern, "ENABLED", schedule="rate(1 minute)", tags=OURS)
    found = Found(FoundBus("shop", BUS.arn, {}), rules={"r": there})
    phases = differences(Desired(BUS, rules=(rule(0),)), found, EventBridgeOptions(bus="shop"))
    (step,) = [step for phase in phases for step in phase]
    assert step.change.details == ("ScheduleExpression: rate(1 minute), becomes none",)


def test_a_test_of_numbers_that_a_rule_would_fail_is_left_to_the_worker() -> None:
    """Milliseconds since 1970 are no numbers to a rule."""
    tests = {"detail": {"at": [{"numeric": [">", 0]}]}}
    assert written(tests) == {"detail": {"at": [{"exists": True}]}}


def of_aws(*sources: str) -> Topology:
    return Topology((Subscription("thumbs", Pattern({"source": list(sources)})),))


def test_events_of_aws_on_a_bus_of_ones_own_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    check_needs(of_aws("aws.s3"), EventBridgeOptions(bus="shop"))
    assert "'thumbs' waits for aws.s3" in caplog.text
    assert "default bus" in caplog.text


@pytest.mark.parametrize(
    ("sources", "bus"),
    [
        (("aws.s3",), "default"),
        (("aws.s3", "shop"), "shop"),
        (("aws.partner/x/y",), "aws.partner/x/y"),
    ],
)
def test_subscriptions_that_can_be_served_are_not_warned_of(
    sources: tuple[str, ...], bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    check_needs(of_aws(*sources), EventBridgeOptions(bus=bus))
    assert caplog.text == ""
