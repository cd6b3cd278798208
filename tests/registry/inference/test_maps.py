"""Maps told apart from objects."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eventroute.registry.inference.keys import is_key

from .kit import at, schema_of


@pytest.mark.parametrize(
    "name",
    [
        "1001",
        "order-1001",
        "user_42000",
        "cus_9s6XKzkNRiZ8i3",
        "8b1f0c6e-52f6-4c3b-9b0e-5b1d2a3c4d5e",
        "7f3a9c0d1e",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "2026-01-31",
        "10.0.0.1",
        "me@example.org",
        "https://example.org",
        "src/app.py",
        "application/json",
        "x" * 129,
    ],
)
def test_a_name_of_one_thing_among_many_is_a_key(name: str) -> None:
    assert is_key(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "id",
            "order_id",
            "address1",
            "line_2",
            "sha256",
            "utf_8",
            "x-request-id",
            "$type",
            "@id",
            "",
        ),
        *("First name", "defaced", "KR", "ipv4", "api_v2", "oauth2ClientSecret", "größe"),
    ],
)
def test_a_name_that_a_programmer_would_choose_is_not(name: str) -> None:
    assert not is_key(name)


def test_an_object_whose_names_are_ids_is_a_map() -> None:
    users = {f"u-{number}": {"name": "x"} for number in range(1000, 1005)}
    assert at("users", users) == {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        },
    }


def test_one_or_two_such_names_are_members() -> None:
    assert schema_of({"404": "x"}, {"404": "y", "500": "z"}) == {
        "type": "object",
        "properties": {"404": {"type": "string"}, "500": {"type": "string"}},
        "required": ["404"],
    }


def test_members_beside_the_keys_of_a_map_keep_their_names() -> None:
    assert schema_of({"total": 1.5, "100": 1, "200": 2, "300": 3}) == {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "properties": {"total": {"type": "number"}},
        "required": ["total"],
    }


def test_many_names_that_hardly_repeat_with_values_of_one_shape_are_a_map() -> None:
    words = [f"{first}{second}" for first in "abcde" for second in "vwxyz"]
    assert at("stock", *({word: 1, other: 2.5} for word, other in pairwise(words))) == {
        "type": "object",
        "additionalProperties": {"type": "number"},
    }


def test_with_values_of_several_shapes_they_are_members() -> None:
    words = [f"{first}{second}" for first in "abcde" for second in "vwxyz"]
    shapes = ({word: "x", other: 1} for word, other in zip(words[::2], words[1::2], strict=False))
    assert len(at("stock", *shapes)["properties"]) == 24


def test_many_names_that_every_object_has_are_members() -> None:
    wide = {f"{first}{second}": 1 for first in "abcde" for second in "vwxyz"}
    assert len(at("wide", wide, wide)["required"]) == 25


def test_more_names_than_an_object_can_have_are_a_map_whatever_they_look_like() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    wide = {f"{first}{second}": 1 for first in letters for second in letters}
    assert at("wide", wide) == {"type": "object", "additionalProperties": {"type": "integer"}}


def test_maps_of_maps_are_found() -> None:
    stock = {str(day): {f"item-{one}": 1 for one in range(100, 104)} for day in range(4)}
    assert at("stock", stock)["additionalProperties"]["additionalProperties"] == {"type": "integer"}
