"""Formats that every text has, and enums where few texts repeat."""

from __future__ import annotations

import pytest

from .kit import at


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["2026-01-31T08:00:00Z", "2026-01-31T09:00:00.123+09:00"], "date-time"),
        (["2026-01-31"], "date"),
        (["8b1f0c6e-52f6-4c3b-9b0e-5b1d2a3c4d5e"], "uuid"),
        (["10.0.0.1"], "ipv4"),
        (["::1", "fe80::1"], "ipv6"),
        (["me@example.org"], "email"),
        (["https://example.org/a?b=c#d", "s3://bucket/key"], "uri"),
    ],
)
def test_a_format_is_told_that_every_text_has(values: list[str], name: str) -> None:
    assert at("x", *values) == {"type": "string", "format": name}


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "2026-01-31T08:00:00",
        "2026-01-31 08:00:00Z",
        "20260131",
        "https://api.example.org/keys{/key_id}",
        "mailto",
        "me@localhost",
        "10.0.0.256",
        "fe80::1%eth0",
        "",
    ],
)
def test_what_only_resembles_a_format_has_none(value: str) -> None:
    assert at("x", value) == {"type": "string"}


def test_one_text_without_the_format_is_enough_for_none() -> None:
    assert at("x", "2026-01-31", "2026-02-01", "soon") == {"type": "string"}


def test_null_does_not_take_the_format_away() -> None:
    assert at("x", "2026-01-31", None) == {"type": ["string", "null"], "format": "date"}


def test_few_texts_that_repeat_are_an_enum() -> None:
    assert at("x", *["open", "closed"] * 15) == {"type": "string", "enum": ["closed", "open"]}


def test_an_enum_that_may_be_null_says_so() -> None:
    assert at("x", *["a", "b"] * 15, None)["enum"] == ["a", "b", None]


@pytest.mark.parametrize(
    "values",
    [
        ["open", "closed"] * 14,
        ["open"] * 40,
        [*["open", "closed"] * 20, "merged", "merged"],
        [f"v{number % 17}" for number in range(170)],
        ["open", "a sentence that is far too long for an enum"] * 20,
        ["2026-01-31", "2026-02-01"] * 20,
    ],
    ids=["too few samples", "one value", "a rare value", "too many", "a long value", "a format"],
)
def test_without_enough_repetition_there_is_no_enum(values: list[str]) -> None:
    assert "enum" not in at("x", *values)


def test_numbers_are_no_enum() -> None:
    assert at("x", *[1, 2] * 40) == {"type": "integer"}
