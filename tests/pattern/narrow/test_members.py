"""A broker may see members that differ from those that were published, and does not test them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern
from eventroute.pattern.narrow import (
    EVENTBRIDGE_RULE,
    SNS_MESSAGE_ATTRIBUTES,
    Narrowed,
    check_policy,
    narrow,
)

DIALECT = replace(
    EVENTBRIDGE_RULE, members=frozenset({"source", "detail"}), hidden=("detail.meta",)
)


def narrowed(written: dict[str, Any]) -> Narrowed:
    return narrow(Pattern(written), DIALECT)


def test_a_member_that_differs_is_not_tested() -> None:
    found = narrowed({"source": ["a"], "id": ["7"], "unknown": {"id": ["8"]}})
    assert found.pattern == {"source": ["a"]}
    assert [omission.pointer for omission in found.left_out] == ["/id", "/unknown/id"]
    assert found.left_out[0].why == "an EventBridge rule does not see id as it was published"


def test_what_is_hidden_is_not_tested_nor_what_is_under_it() -> None:
    found = narrowed({"detail": {"meta": [{"exists": False}], "metal": ["x"]}})
    assert found.pattern == {"detail": {"metal": ["x"]}}
    assert narrowed({"detail": {"meta": {"by": ["x"]}, "n": ["y"]}}).pattern == {
        "detail": {"n": ["y"]}
    }


def test_a_name_with_dots_leads_to_the_same_member() -> None:
    assert narrowed({"detail.meta.by": ["x"], "source": ["a"]}).pattern == {"source": ["a"]}


def test_an_alternative_without_a_test_lets_everything_through() -> None:
    assert narrowed({"$or": [{"source": ["a"]}, {"id": ["7"]}]}).pattern is None


def test_attributes_carry_only_what_is_seen() -> None:
    dialect = replace(
        SNS_MESSAGE_ATTRIBUTES.with_attributes({"id": "id"}), members=frozenset({"source"})
    )
    assert narrow(Pattern({"source": ["a"], "id": ["7"]}), dialect).pattern == {"source": ["a"]}


def test_the_answer_narrows_to_itself() -> None:
    found = narrowed({"source": ["a"], "id": ["7"], "detail": {"n": [1]}}).pattern
    assert found is not None
    again = narrow(Pattern(found), DIALECT)
    assert again.exact
    assert again.pattern == found
    check_policy(found, DIALECT)


def test_a_policy_that_tests_what_is_not_seen_is_refused() -> None:
    with pytest.raises(PatternError, match="does not see time as it was published"):
        check_policy({"time": [{"prefix": "2026"}]}, DIALECT)


def test_a_text_with_a_character_that_is_replaced_on_the_way_is_tested_up_to_it() -> None:
    dialect = replace(EVENTBRIDGE_RULE, replaced_characters="\ufffd\uffff")

    def carried(test: object) -> object:
        pattern = narrow(Pattern({"a": [test]}), dialect).pattern
        return None if pattern is None else pattern["a"][0]

    assert carried("xy\uffff") == {"prefix": "xy"}
    assert carried({"suffix": "\uffffxy"}) == {"suffix": "xy"}
    assert carried({"equals-ignore-case": "\ufffd"}) == {"prefix": ""}
    assert carried({"anything-but": ["x", "\uffff"]}) == {"anything-but": "x"}
    assert carried({"anything-but": {"prefix": "\uffff"}}) == {"exists": True}


def test_a_name_with_such_a_character_is_not_tested() -> None:
    dialect = replace(EVENTBRIDGE_RULE, replaced_characters="\ufffd\uffff")
    pattern = Pattern({"a": ["x"], "b\uffff": [{"exists": False}]})
    found = narrow(pattern, dialect)
    assert found.pattern == {"a": ["x"]}
    (omission,) = found.left_out
    assert omission.why == "an EventBridge rule does not see U+FFFF as it was published"
