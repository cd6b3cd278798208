"""Types, required members and what is left open."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eventroute import Event
from eventroute.errors import ContractNotFoundError, EventError
from eventroute.registry.inference import Inference

from .kit import TOPIC, TYPE, at, inferred, schema_of


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        ([10.0], {"type": "number"}),
        ([True], {"type": "boolean"}),
        ([True, 1], {"type": ["boolean", "integer"]}),
        ([None], {}),
        ([None, None], {}),
        ([[None]], {"type": "array", "items": {}}),
        ([[], None], {"anyOf": [{"type": "array"}, {"type": "null"}]}),
        (["x", None], {"type": ["string", "null"]}),
        ([[]], {"type": "array"}),
        ([[1], ["x"], []], {"type": "array", "items": {"type": ["integer", "string"]}}),
        ([{}], {"type": "object"}),
    ],
)
def test_the_type_is_that_of_every_value_seen(values: list[object], expected: object) -> None:
    assert at("x", *values) == expected


def test_an_object_that_may_be_null_is_one_of_two() -> None:
    assert at("x", {"a": 1}, None) == {
        "anyOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"type": "null"},
        ]
    }


def test_a_member_is_required_that_every_object_has() -> None:
    assert schema_of({"a": 1, "b": 1}, {"a": 2}, {"a": None})["required"] == ["a"]


def test_a_member_of_elements_is_required_that_every_element_has() -> None:
    assert at("lines", [{"a": 1}, {"a": 1, "b": 2}], [])["items"]["required"] == ["a"]


def test_members_that_nobody_has_sent_yet_are_not_forbidden() -> None:
    assert "additionalProperties" not in schema_of({"a": 1})


def test_each_type_of_each_topic_has_a_schema_of_its_own() -> None:
    inference = Inference()
    inference.add(Event("a", "X", {"n": 1}))
    inference.add(Event("a", "Y", {"n": "x"}))
    inference.add(Event("b", "X", {"n": None}))

    assert [str(one) for one in inference.contracts()] == ["a/X/1", "a/Y/1", "b/X/1"]
    assert inference.schema("a", "Y")["properties"] == {"n": {"type": "string"}}


def test_a_schema_says_from_how_many_events_it_comes() -> None:
    assert inferred([{}, {}, {}]).schema(TOPIC, TYPE) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "x-eventroute-samples": 3,
    }


def test_of_a_type_that_was_not_seen_there_is_nothing_to_tell() -> None:
    with pytest.raises(ContractNotFoundError, match=r"no event 'Nope' of the topic 'shop.orders'"):
        inferred([{}]).schema(TOPIC, "Nope")


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(EventError, match="a Decimal is no JSON value"):
        Inference().add_detail(TOPIC, TYPE, {"total": Decimal(1)})
