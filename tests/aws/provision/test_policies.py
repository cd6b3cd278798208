"""Statements of ours are put into a queue's policy, and those of others stay as they are."""

from __future__ import annotations

import json

import pytest

from eventroute.errors import ConfigurationError
from eventroute_aws.provisioning.policies import merged, statements, topics_in

QUEUE = "arn:aws:sqs:us-east-1:111122223333:q"
TOPIC = "arn:aws:sns:us-east-1:111122223333:eventroute-shop"
FOREIGN = "arn:aws:sns:us-east-1:444455556666:theirs"
OURS = statements(QUEUE, "eventroute", [TOPIC])
THEIRS = {"Sid": "theirs", "Effect": "Deny", "Principal": "*", "Action": "sqs:*"}


def put_in(policy: object, ours: list[dict[str, object]] = OURS) -> list[object]:
    text = merged(json.dumps(policy), "eventroute", ours)
    assert text is not None
    found: list[object] = json.loads(text)["Statement"]
    return found


def test_each_account_that_owns_topics_gets_a_statement() -> None:
    own, foreign = statements(QUEUE, "eventroute", [FOREIGN, TOPIC])
    assert own["Condition"]["ArnLike"] == {"aws:SourceArn": [TOPIC]}
    assert foreign["Condition"] == {
        "ArnLike": {"aws:SourceArn": [FOREIGN]},
        "StringEquals": {"aws:SourceAccount": "444455556666"},
    }
    assert own["Sid"] != foreign["Sid"]


def test_a_queue_without_a_policy_gets_one() -> None:
    assert put_in({}) == OURS


def test_what_is_there_already_needs_no_change() -> None:
    assert merged(json.dumps({"Statement": [THEIRS, *OURS]}), "eventroute", OURS) is None


def test_the_order_and_the_shape_of_lists_do_not_matter() -> None:
    two = statements(QUEUE, "eventroute", [TOPIC, TOPIC + "2"])
    written = json.loads(json.dumps(two))
    written[0]["Condition"]["ArnLike"]["aws:SourceArn"].reverse()
    written[0]["Action"] = [written[0]["Action"]]
    assert merged(json.dumps({"Statement": written}), "eventroute", two) is None


def test_our_old_statements_give_way_and_others_stay_in_their_order() -> None:
    last = THEIRS | {"Sid": "last"}
    old = statements(QUEUE, "eventroute", [TOPIC + "-old"])
    assert put_in({"Statement": [THEIRS, *old, last]}) == [THEIRS, last, *OURS]


def test_a_single_statement_without_a_list_stays() -> None:
    assert put_in({"Statement": THEIRS}) == [THEIRS, *OURS]


def test_statements_of_another_prefix_are_not_ours() -> None:
    other = statements(QUEUE, "eventroute-test", [TOPIC])
    assert put_in({"Statement": other}) == [*other, *OURS]


def test_what_else_the_policy_says_stays() -> None:
    policy = {"Version": "2008-10-17", "Id": "whole", "Statement": [THEIRS]}
    text = merged(json.dumps(policy), "eventroute", OURS)
    assert text is not None
    assert json.loads(text) == policy | {"Statement": [THEIRS, *OURS]}


def test_a_policy_that_had_only_our_statements_is_removed_with_them() -> None:
    assert merged(json.dumps({"Statement": OURS}), "eventroute", []) == ""
    assert merged("", "eventroute", []) is None


def test_a_policy_tells_which_topics_may_send() -> None:
    policy = json.dumps({"Statement": [THEIRS, *statements(QUEUE, "eventroute", [TOPIC, FOREIGN])]})
    assert topics_in(policy, "eventroute") == {TOPIC, FOREIGN}
    assert topics_in(policy, "shop") == topics_in("", "eventroute") == frozenset()


@pytest.mark.parametrize("policy", ["{", "[]", "7"])
def test_a_policy_that_cannot_be_read_is_not_overwritten(policy: str) -> None:
    with pytest.raises(ConfigurationError, match="a queue's policy is no JSON object"):
        merged(policy, "eventroute", OURS)
