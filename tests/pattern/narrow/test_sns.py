from __future__ import annotations

from typing import Any, cast

import pytest

from eventroute import Event
from eventroute.errors import EventError, LimitExceededError, PatternError
from eventroute.pattern.narrow import (
    EVENTBRIDGE_RULE,
    SNS_MESSAGE_ATTRIBUTES,
    SNS_MESSAGE_BODY,
    SNSMessage,
    check_policy,
    sns_matches,
)


def delivered(policy: dict[str, Any], **attributes: tuple[str, object]) -> bool:
    named = {name: {"Type": kind, "Value": value} for name, (kind, value) in attributes.items()}
    return sns_matches(policy, named, "MessageAttributes")


def test_an_empty_policy_lets_everything_through() -> None:
    assert delivered({})
    assert sns_matches("{}", "no JSON", "MessageBody")


def test_a_number_attribute_is_a_number_and_a_string_attribute_is_none() -> None:
    policy = {"a": [{"numeric": [">", 4]}]}
    assert delivered(policy, a=("Number", "5"))
    assert delivered(policy, a=("Number.int", "5.0"))
    assert not delivered(policy, a=("String", "5"))
    assert not delivered({"a": ["5"]}, a=("Number", "5"))


def test_elements_of_a_string_array_match_one_by_one() -> None:
    array = ("String.Array", '["x", 5, true, null]')
    for test in ("x", 5, True, None, {"anything-but": "x"}, {"numeric": ["<", 6]}):
        assert delivered({"a": [test]}, a=array)
    assert not delivered({"a": ["y"]}, a=array)
    assert not delivered({"a": ['["x", 5, true, null]']}, a=array)


def test_anything_but_needs_an_attribute() -> None:
    assert delivered({"a": [{"anything-but": "x"}]}, a=("String", "y"))
    assert not delivered({"a": [{"anything-but": "x"}]})


def test_an_attribute_that_cannot_be_read_is_absent() -> None:
    for attribute in (
        ("Binary", "eA=="),
        ("String.Array", "[x"),
        ("String.Array", '"x"'),
        ("String.Array", "[NaN]"),
        ("String.Array", "[" * 100_000),
        ("Number", "five"),
        ("Number", "1e999999999"),
        ("Number", "NaN"),
    ):
        assert delivered({"a": [{"exists": False}]}, a=attribute)


def test_attributes_may_be_spelled_as_publish_takes_them() -> None:
    message = {"a": {"DataType": "String", "StringValue": "x"}}
    assert sns_matches({"a": ["x"]}, message, "MessageAttributes")


def test_a_body_is_an_event_or_its_text() -> None:
    policy = {"detail": {"a": ["x"]}}
    event = Event("s", "T", {"a": "x"})
    for message in (event, event.document, event.to_json()):
        assert sns_matches(policy, message, "MessageBody")


@pytest.mark.parametrize("text", ["no JSON", "[]", '"x"', ""])
def test_a_body_that_is_no_object_is_not_delivered(text: str) -> None:
    assert not sns_matches({"a": [{"exists": False}]}, text, "MessageBody")


def test_a_bare_value_stands_for_a_list_in_a_policy_on_attributes() -> None:
    assert delivered({"a": "x"}, a=("String", "x"))
    with pytest.raises(PatternError):
        sns_matches({"a": "x"}, "{}", "MessageBody")


def test_a_policy_on_attributes_is_flat() -> None:
    for policy in ({"a": {"b": ["x"]}}, {"$or": [{"a": ["x"]}, {"b": {"c": ["x"]}}]}):
        with pytest.raises(PatternError, match="no members"):
            delivered(policy)
    with pytest.raises(PatternError) as caught:
        delivered({"$or": [{"a": ["x"]}, {"b": {"c": ["x"]}}]})
    assert caught.value.pointer == "/$or/1/b"


def test_attributes_are_a_mapping() -> None:
    with pytest.raises(EventError, match="mapping"):
        sns_matches({"a": ["x"]}, "{}", "MessageAttributes")
    for wrong in ({"a": "x"}, {5: {"Type": "String", "Value": "x"}}):
        with pytest.raises(EventError, match="message attribute"):
            sns_matches({"a": ["x"]}, cast("SNSMessage", wrong), "MessageAttributes")


@pytest.mark.parametrize(
    ("policy", "pointer", "reason"),
    [
        ({"a": ["x", {"wildcard": "x*y"}]}, "/a/1", "no 'wildcard'"),
        ({"a": [{"anything-but": {"suffix": "x"}}]}, "/a/0", "no 'anything-but suffix'"),
        ({"a": [{"prefix": ""}]}, "/a/0", "empty prefix"),
        ({"a": [2 * 10**9]}, "/a/0", "not between"),
        ({"a": [{"numeric": [">", 0.123456]}]}, "/a/0", "5 decimals"),
        ({"$or": ["x"]}, "/$or", "cannot be named"),
    ],
)
def test_a_policy_beyond_the_dialect_is_refused(
    policy: dict[str, Any], pointer: str, reason: str
) -> None:
    with pytest.raises(PatternError, match=reason) as caught:
        check_policy(policy, SNS_MESSAGE_BODY)
    assert caught.value.pointer == pointer


def test_quotes_are_refused_in_policies_on_attributes() -> None:
    check_policy({"a": ['"']}, SNS_MESSAGE_BODY)
    with pytest.raises(PatternError, match="escaped twice"):
        check_policy({"a": ['"']}, SNS_MESSAGE_ATTRIBUTES)


def test_limits_of_a_policy_are_checked() -> None:
    check_policy({"a": ["x"] * 150}, SNS_MESSAGE_BODY)
    check_policy({name: ["x"] for name in "abcde"}, SNS_MESSAGE_BODY)
    with pytest.raises(LimitExceededError, match="150 combinations of tests, not 151"):
        check_policy({"a": ["x"] * 151}, SNS_MESSAGE_BODY)
    with pytest.raises(LimitExceededError, match="5 fields, not 6"):
        check_policy({name: ["x"] for name in "abcdef"}, SNS_MESSAGE_BODY)
    with pytest.raises(LimitExceededError, match="262,144 bytes"):
        check_policy({"a": ["é" * 131_100]}, SNS_MESSAGE_BODY)
    with pytest.raises(LimitExceededError, match="2,048 characters"):
        check_policy({"a": ["x" * 2_100]}, EVENTBRIDGE_RULE)


def test_alternatives_add_their_combinations_up() -> None:
    nine = [str(number) for number in range(9)]
    policy = {"a": nine, "$or": [{"b": nine}, {"c": nine[:7]}]}
    check_policy(policy, SNS_MESSAGE_ATTRIBUTES)
    with pytest.raises(LimitExceededError, match="not 153"):
        check_policy({**policy, "$or": [{"b": nine}, {"c": nine[:8]}]}, SNS_MESSAGE_ATTRIBUTES)


def test_the_empty_policy_is_one_of_sns_only() -> None:
    check_policy({}, SNS_MESSAGE_BODY)
    with pytest.raises(PatternError):
        check_policy({}, EVENTBRIDGE_RULE)
