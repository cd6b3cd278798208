"""Statements of ours are put into a queue's policy, and those of others stay as they are."""

from __future__ import annotations

import json

import pytest

from eventroute.errors import ConfigurationError
from eventroute_aws.provisioning.policies import Author, allowed_in, merged, senders_in, statements

QUEUE = "arn:aws:sqs:us-east-1:111122223333:q"
TOPIC = "arn:aws:sns:us-east-1:111122223333:eventroute-shop"
FOREIGN = "arn:aws:sns:us-east-1:444455556666:theirs"
OURSELVES = Author("eventroute", "sns.amazonaws.com")
OURS = statements(QUEUE, OURSELVES, [TOPIC])
THEIRS = {"Sid": "theirs", "Effect": "Deny", "Principal": "*", "Action": "sqs:*"}


def put_in(policy: object, ours: list[dict[str, object]] = OURS) -> list[object]:
    text = merged(json.dumps(policy), OURSELVES, ours)
    assert text is not None
    found: list[object] = json.loads(text)["Statement"]
    return found


def test_each_account_that_owns_topics_gets_a_statement() -> None:
    own, foreign = statements(QUEUE, OURSELVES, [FOREIGN, TOPIC])
    assert own["Condition"]["ArnLike"] == {"aws:SourceArn": [TOPIC]}
    assert foreign["Condition"] == {
        "ArnLike": {"aws:SourceArn": [FOREIGN]},
        "StringEquals": {"aws:SourceAccount": "444455556666"},
    }
    assert own["Sid"] != foreign["Sid"]


def test_what_is_allowed_without_being_connected_stands_in_statements_of_its_own() -> None:
    every = TOPIC + "-*"
    ours = statements(QUEUE, OURSELVES, [TOPIC], ahead=[every], of_others=[FOREIGN])
    policy = json.dumps({"Statement": [THEIRS, *ours]})
    assert senders_in(policy, OURSELVES) == {TOPIC}
    assert allowed_in(policy, OURSELVES) == {TOPIC, every, FOREIGN}
    assert len({one["Sid"] for one in ours}) == 3
    rest = merged(policy, OURSELVES, [])
    assert rest is not None
    assert json.loads(rest)["Statement"] == [THEIRS]


def test_a_queue_without_a_policy_gets_one() -> None:
    assert put_in({}) == OURS


def test_what_is_there_already_needs_no_change() -> None:
    assert merged(json.dumps({"Statement": [THEIRS, *OURS]}), OURSELVES, OURS) is None


def test_the_order_and_the_shape_of_lists_do_not_matter() -> None:
    two = statements(QUEUE, OURSELVES, [TOPIC, TOPIC + "2"])
    written = json.loads(json.dumps(two))
    written[0]["Condition"]["ArnLike"]["aws:SourceArn"].reverse()
    written[0]["Action"] = [written[0]["Action"]]
    assert merged(json.dumps({"Statement": written}), OURSELVES, two) is None


def test_our_old_statements_give_way_and_others_stay_in_their_order() -> None:
    last = THEIRS | {"Sid": "last"}
    old = statements(QUEUE, OURSELVES, [TOPIC + "-old"])
    assert put_in({"Statement": [THEIRS, *old, last]}) == [THEIRS, last, *OURS]


def test_a_single_statement_without_a_list_stays() -> None:
    assert put_in({"Statement": THEIRS}) == [THEIRS, *OURS]


def test_statements_of_another_prefix_are_not_ours() -> None:
    other = statements(QUEUE, Author("eventroute-test", "sns.amazonaws.com"), [TOPIC])
    assert put_in({"Statement": other}) == [*other, *OURS]


def test_statements_for_rules_and_for_topics_do_not_replace_each_other() -> None:
    rules = Author("eventroute", "events.amazonaws.com")
    rule = "arn:aws:events:us-east-1:111122223333:rule/shop/eventroute-a"
    for_rules = statements(QUEUE, rules, [rule])
    assert put_in({"Statement": for_rules}) == [*for_rules, *OURS]
    both = json.dumps({"Statement": [*OURS, *for_rules]})
    assert senders_in(both, OURSELVES) == {TOPIC}
    assert senders_in(both, rules) == {rule}
    rest = merged(both, rules, [])
    assert rest is not None
    assert json.loads(rest)["Statement"] == OURS


def test_what_else_the_policy_says_stays() -> None:
    policy = {"Version": "2008-10-17", "Id": "whole", "Statement": [THEIRS]}
    text = merged(json.dumps(policy), OURSELVES, OURS)
    assert text is not None
    assert json.loads(text) == policy | {"Statement": [THEIRS, *OURS]}


def test_a_policy_that_had_only_our_statements_is_removed_with_them() -> None:
    assert merged(json.dumps({"Statement": OURS}), OURSELVES, []) == ""
    assert merged("", OURSELVES, []) is None


def test_a_policy_tells_which_topics_may_send() -> None:
    policy = json.dumps({"Statement": [THEIRS, *statements(QUEUE, OURSELVES, [TOPIC, FOREIGN])]})
    assert senders_in(policy, OURSELVES) == {TOPIC, FOREIGN}
    another = Author("shop", "sns.amazonaws.com")
    assert senders_in(policy, another) == senders_in("", OURSELVES) == frozenset()


@pytest.mark.parametrize("policy", ["{", "[]", "7"])
def test_a_policy_that_cannot_be_read_is_not_overwritten(policy: str) -> None:
    with pytest.raises(ConfigurationError, match="a queue's policy is no JSON object"):
        merged(policy, OURSELVES, OURS)
