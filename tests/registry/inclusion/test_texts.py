"""``minLength``, ``maxLength``, ``pattern`` and ``format``."""

from __future__ import annotations

import pytest

from eventroute.registry import Verdict, compatibility

from .judged import breaks, reads

DRAFT_07 = "http://json-schema.org/draft-07/schema#"


def test_a_longer_text_may_be_too_long() -> None:
    assert breaks({"type": "string", "maxLength": 5}, {"maxLength": 4}).witness == "aaaaa"
    assert reads({"type": "string", "maxLength": 4}, {"maxLength": 5})


def test_no_length_is_left_between_two_bounds() -> None:
    assert reads({"type": "string", "minLength": 3, "maxLength": 2}, False)


def test_a_pattern_that_says_the_same_otherwise_breaks_nothing() -> None:
    assert reads({"type": "string", "pattern": "^(ab)*$"}, {"pattern": "^((ab)|abab)*$"})


def test_a_pattern_that_allows_less_breaks() -> None:
    judged = breaks({"type": "string", "pattern": "^[a-z]+$"}, {"pattern": "^[a-y]+$"})
    assert judged.witness == "z"
    assert judged.pointer == "/pattern"


def test_a_pattern_and_a_length_bound_each_other() -> None:
    assert reads({"type": "string", "pattern": "^.{2,3}$"}, {"minLength": 2, "maxLength": 3})
    assert reads({"pattern": "^a*$", "maxLength": 2}, {"pattern": "^a{0,2}$"})


def test_a_pattern_of_few_texts_is_an_enum() -> None:
    assert reads({"type": "string", "pattern": "^(red|green)$"}, {"enum": ["red", "green"]})


def test_a_pattern_that_is_not_understood_leaves_the_answer_open() -> None:
    judged = compatibility(
        {"type": "string", "pattern": r"^(a|b)\1$"}, {"type": "string", "pattern": r"^(a|b)\1?$"}
    )
    assert judged.verdict is Verdict.UNKNOWN


def test_what_is_not_understood_cancels_where_it_did_not_change() -> None:
    strange = {"type": "string", "pattern": r"^(a|b)\1$"}
    assert reads({"properties": {"a": strange}}, {"properties": {"a": strange, "b": True}})


def test_a_format_is_an_annotation_where_the_draft_says_so() -> None:
    assert reads({"type": "string"}, {"type": "string", "format": "email"})


def test_an_asserted_format_leaves_the_answer_open_unless_both_sides_have_it() -> None:
    plain = {"$schema": DRAFT_07, "type": "string"}
    email = {**plain, "format": "email"}
    assert compatibility(plain, email).verdict is Verdict.UNKNOWN
    assert reads(email, plain)
    assert reads({**email, "maxLength": 9}, {**email, "maxLength": 10})


def test_a_line_break_is_no_character_to_a_dot() -> None:
    assert breaks({"type": "string", "minLength": 1}, {"pattern": ".+"}).witness == "\n"


def test_a_witness_has_the_formats_that_it_is_asked_for() -> None:
    old = {
        "$schema": DRAFT_07,
        "type": "object",
        "properties": {"at": {"type": "string", "format": "date-time"}},
        "required": ["at"],
    }
    judged = breaks(old, {**old, "required": ["at", "by"]})
    assert judged.witness == {"at": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("a\n", "^a$"), ("\u0663", r"^\d$"), ("é", r"^\w$"), ("\x1c", r"^\s$")],
)
def test_a_text_that_only_python_finds_a_pattern_in_is_no_proof(text: str, pattern: str) -> None:
    judged = compatibility({"enum": [text]}, {"pattern": pattern})
    assert judged.verdict is Verdict.UNKNOWN
    named = {"properties": {text: True}, "additionalProperties": False}
    closed = {"patternProperties": {pattern: True}, "additionalProperties": False}
    assert compatibility(named, closed).verdict is Verdict.UNKNOWN
    assert compatibility({**named, "required": [text]}, closed).verdict is Verdict.UNKNOWN


def test_a_class_that_python_does_not_know_is_read_as_eventroute_reads_it() -> None:
    assert reads({"enum": ["é"]}, {"pattern": r"^\p{L}$"})
    assert not reads({"enum": ["1"]}, {"pattern": r"^\p{L}$"})


def test_what_only_python_understands_proves_nothing_of_characters_that_it_reads_its_own_way() -> (
    None
):
    assert reads({"enum": ["11"]}, {"pattern": r"^(\d)\1$"})
    judged = compatibility({"enum": ["\u0663\u0663"]}, {"pattern": r"^(\d)\1$"})
    assert judged.verdict is Verdict.UNKNOWN
