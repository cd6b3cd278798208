from __future__ import annotations

import socket
from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.registry.validation import Checker

DRAFT_07 = "http://json-schema.org/draft-07/schema#"


def violations(schema: dict[str, Any], detail: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.pointer, one.message) for one in Checker(schema, "t/T/1").violations(detail)]


def pointers(schema: dict[str, Any], detail: dict[str, Any]) -> list[str]:
    return [pointer for pointer, _ in violations(schema, detail)]


def member(rule: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"a": rule}}


def test_every_failure_is_reported_in_document_order() -> None:
    schema: dict[str, Any] = {
        "required": ["z"],
        "properties": {
            "a": {"type": "string"},
            "b": {"items": {"properties": {"c": {"minimum": 1}}}},
            "d": {"maxLength": 1},
        },
    }

    assert pointers(schema, {"d": "xx", "b": [{"c": 1}, {"c": 0}], "a": 1}) == [
        "/d",
        "/b/1/c",
        "/a",
        "/z",
    ]


def test_a_pointer_escapes_slashes_and_tildes() -> None:
    schema = {"properties": {"a/b~c": {"type": "string"}}}

    assert pointers(schema, {"a/b~c": 1}) == ["/a~1b~0c"]


def test_a_missing_member_is_pointed_to_where_it_should_be() -> None:
    assert violations(member({"required": ["b", "c"]}), {"a": {}}) == [
        ("/a/b", "is missing"),
        ("/a/c", "is missing"),
    ]


def test_a_member_that_goes_with_another_is_pointed_to() -> None:
    schema = {"dependentRequired": {"card": ["holder"]}}

    assert violations(schema, {"card": 1}) == [("/holder", "is missing; it goes with 'card'")]


def test_each_member_that_is_not_in_a_closed_contract_is_pointed_to() -> None:
    schema: dict[str, Any] = {
        "properties": {"a": {}},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }

    assert violations(schema, {"b": 1, "a": 1, "x-y": 1, "c": 1}) == [
        ("/b", "is not in the contract"),
        ("/c", "is not in the contract"),
    ]


def test_a_wrong_type_is_reported_alone() -> None:
    assert violations(member({"type": "string", "const": "x"}), {"a": 5}) == [
        ("/a", "must be a string, not 5")
    ]


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [
        ({"type": ["integer", "null"]}, "x", 'must be an integer or null, not "x"'),
        ({"type": "object"}, [1, 2], "must be an object, not an array of 2"),
        ({"const": "x"}, "y", 'must be "x", not "y"'),
        ({"enum": ["x", 1]}, {}, 'must be one of "x", 1, not an object'),
        ({"minimum": 1}, 0, "must be at least 1, not 0"),
        ({"exclusiveMaximum": 1}, 1, "must be under 1, not 1"),
        ({"multipleOf": 0.01}, 0.005, "must be a multiple of 0.01, not 0.005"),
        ({"minLength": 2}, "x", "must have at least 2 characters, not 1"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 elements, not 2"),
        ({"pattern": "^x$"}, "y", 'must match the pattern "^x$", not "y"'),
        ({"uniqueItems": True}, [1, 1], "must not hold an element twice"),
        ({"not": {"type": "null"}}, None, "is null, which the contract excludes"),
        ({"contains": {"type": "string"}}, [1], "holds no element that the contract asks for"),
        ({"oneOf": [{"minimum": 0}, {"minimum": 1}]}, 2, "fits several of 2 alternatives;"),
    ],
)
def test_a_message_says_what_is_wanted_and_what_is_there(
    rule: dict[str, Any], value: object, message: str
) -> None:
    [(pointer, said)] = violations(member(rule), {"a": value})

    assert pointer == "/a"
    assert said.startswith(message)


def test_a_member_name_that_is_not_allowed_is_named() -> None:
    schema = member({"propertyNames": {"maxLength": 2}})

    assert violations(schema, {"a": {"long": 1}}) == [
        ("/a", 'has the member name "long": must have at most 2 characters, not 4')
    ]


def test_a_message_never_holds_a_whole_payload() -> None:
    big: dict[str, Any] = {"text": "x" * 10_000, "list": ["y" * 10_000]}
    rules: list[dict[str, Any]] = [
        {"type": "string"},
        {"const": {"text": ["x" * 1000]}},
        {"not": {}},
        {"anyOf": [False]},
        {"maxProperties": 1},
        {"unevaluatedProperties": False},
    ]

    for rule in rules:
        found = violations(member(rule), {"a": big})
        assert found
        assert all(len(message) < 200 for _, message in found)


def test_a_hostile_event_gives_a_bounded_report() -> None:
    schema = member({"items": {"type": "string"}})

    assert len(violations(schema, {"a": [1] * 5000})) == 1000


def test_a_decimal_fraction_is_a_multiple_of_a_decimal_fraction() -> None:
    assert violations(member({"multipleOf": 0.1}), {"a": 0.3}) == []


@pytest.mark.parametrize(
    ("elements", "unique"),
    [
        ([1, 1.0], False),
        ([0, -0.0], False),
        ([True, 1, False, 0, None, "1", "null", [1], {"1": 1}, [], {}, ""], True),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([{"a": 1}, {"a": True}], True),
        ([[1, [0]], [1, [False]]], True),
        ([9007199254740993, 9007199254740992.0], True),
        (["a", "b", "a"], False),
    ],
)
def test_elements_are_told_apart_as_json_values(elements: list[object], *, unique: bool) -> None:
    assert (violations(member({"uniqueItems": True}), {"a": elements}) == []) is unique


def test_elements_may_be_repeated_where_the_contract_does_not_mind() -> None:
    assert violations(member({"uniqueItems": False}), {"a": [1, 1]}) == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "elements",
    [
        [{"id": number} for number in range(20_000)],
        # Numbers that Python hashes alike, as a hostile sender would choose them.
        [number * (2**61 - 1) for number in range(50_000)] + [None],
    ],
    ids=["objects", "numbers"],
)
def test_many_elements_are_compared_in_linear_time(elements: list[object]) -> None:
    assert violations(member({"uniqueItems": True}), {"a": elements}) == []


def test_an_event_nested_as_deep_as_json_may_be_is_answered() -> None:
    schema = {"properties": {"a": {"$ref": "#"}, "b": {"type": "string"}}}
    detail: dict[str, Any] = {"b": 1}
    for _ in range(126):
        detail = {"a": detail}

    assert len(violations(schema, detail)) == 1


def test_a_recursive_contract_reads_a_nested_event() -> None:
    schema = {"properties": {"a": {"$ref": "#"}, "b": {"type": "string"}}}

    assert pointers(schema, {"a": {"a": {"b": 1}}}) == ["/a/a/b"]


def test_a_contract_that_refers_to_itself_without_end_refuses_and_returns() -> None:
    [(pointer, message)] = violations(member({"$ref": "#/properties/a"}), {"a": 1})

    assert pointer == ""
    assert "refers to itself without end" in message


def test_formats_are_checked_in_drafts_that_assert_them() -> None:
    schema = {"$schema": DRAFT_07} | {
        "properties": {"a": {"format": "uri"}, "b": {"format": "date-time"}}
    }

    assert pointers(schema, {"a": "no uri", "b": "yesterday"}) == ["/a", "/b"]
    assert pointers(schema, {"a": "https://x.example", "b": "2026-01-01T00:00:00Z"}) == []


def test_formats_are_annotations_in_later_drafts() -> None:
    assert pointers(member({"format": "uri"}), {"a": "no uri"}) == []


def test_a_draft_is_read_by_its_own_rules() -> None:
    schema: dict[str, Any] = member({"items": [{"type": "string"}]})

    assert pointers(schema | {"$schema": DRAFT_07}, {"a": [1]}) == ["/a/0"]
    with pytest.raises(ContractError, match="not a valid JSON Schema, at /properties/a/items"):
        Checker(schema, "t/T/1")


@pytest.mark.parametrize(
    "reference", ["https://example.com/order.json", "other.json#/x", "file:///etc/hosts"]
)
def test_a_reference_out_of_the_contract_is_refused_without_fetching(
    monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    with pytest.raises(ContractError, match="nothing is fetched"):
        Checker(member({"$ref": reference}), "t/T/1")


def test_a_reference_in_a_value_is_no_reference() -> None:
    Checker(member({"const": {"$ref": "https://example.com"}}), "t/T/1")


def test_a_reference_to_an_embedded_schema_is_followed() -> None:
    schema = member({"$ref": "https://example.com/id"}) | {
        "$defs": {"id": {"$id": "https://example.com/id", "type": "string"}}
    }

    assert pointers(schema, {"a": 1}) == ["/a"]
