from __future__ import annotations

import pytest

from eventroute import Event
from eventroute.errors import DeclarationError
from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, attributes_of, sns_matches

DIALECT = SNS_MESSAGE_ATTRIBUTES.with_attributes({"detail.a": "a", "detail.items.sku": "sku"})


def sent(value: object) -> tuple[str, str]:
    attribute = attributes_of(Event("s", "T", {"a": value}), DIALECT)["a"]
    return attribute["DataType"], attribute["StringValue"]


def test_source_and_detail_type_are_always_sent() -> None:
    assert attributes_of(Event("s", "T", {}), DIALECT) == {
        "source": {"DataType": "String", "StringValue": "s"},
        "detail-type": {"DataType": "String", "StringValue": "T"},
    }


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("x", "String", "x"),
        (["x"], "String", "x"),
        (["x", "y"], "String.Array", '["x", "y"]'),
        ("", "String.Array", '[""]'),
        ("\x00", "String.Array", '["\\u0000"]'),
        (5, "Number", "5"),
        (1250.5, "Number", "1250.5"),
        (1e23, "Number", "100000000000000000000000"),
        (1e-7, "Number", "0.0000001"),
        (1e200, "String.Array", "[1e+200]"),
        (True, "String.Array", "[true]"),
        (None, "String.Array", "[null]"),
        ([1, [2, {"b": 3}]], "String.Array", "[1, 2]"),
    ],
)
def test_each_value_has_its_type(value: object, kind: str, text: str) -> None:
    assert sent(value) == (kind, text)


@pytest.mark.parametrize("value", [[], {}, [[]], {"b": 1}])
def test_a_member_without_leaves_is_not_sent(value: object) -> None:
    assert "a" not in attributes_of(Event("s", "T", {"a": value}), DIALECT)


def test_all_elements_of_an_array_of_objects_are_sent() -> None:
    event = Event("s", "T", {"items": [{"sku": "A"}, {"sku": "B"}]})
    assert attributes_of(event, DIALECT)["sku"]["StringValue"] == '["A", "B"]'


def test_what_is_sent_is_what_policies_test() -> None:
    for value in ("x", "", 5, 1e200, 0.1, True, None, 2**60 + 1):
        message = attributes_of(Event("s", "T", {"a": value}), DIALECT)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        test = {"numeric": ["=", value]} if number else value
        assert sns_matches({"a": [test]}, message, "MessageAttributes")


@pytest.mark.parametrize(
    "name", ["", "a b", ".a", "a.", "a..b", "AWS.x", "Amazon.x", "é", "x" * 257]
)
def test_names_that_sns_refuses_are_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match="cannot name a message attribute"):
        SNS_MESSAGE_ATTRIBUTES.with_attributes({"detail.a": name})


def test_two_paths_cannot_share_a_name() -> None:
    with pytest.raises(DeclarationError, match="each its own name"):
        SNS_MESSAGE_ATTRIBUTES.with_attributes({"detail.source": "source"})


def test_a_path_may_be_renamed() -> None:
    renamed = SNS_MESSAGE_ATTRIBUTES.with_attributes({"source": "topic"})
    assert "topic" in attributes_of(Event("s", "T", {}), renamed)
