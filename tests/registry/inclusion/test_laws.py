"""What holds of every pair of schemas.

``EVENTROUTE_TEST_SCHEMAS=5000`` tries as many pairs, with a thousand values for each.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from eventroute.registry import Verdict, compatibility
from eventroute.registry.dialect import dialect_of
from tests.registry.schemas import DRAFTS, schemas

from .strategies import pairs, unknown_keywords, values

PAIRS = int(os.environ.get("EVENTROUTE_TEST_SCHEMAS", "100"))
VALUES = 1000 if PAIRS > 100 else 40

pytestmark = pytest.mark.timeout(max(120, PAIRS))


def fits(schema: dict[str, Any], value: Any) -> bool | None:  # noqa: ANN401  any JSON
    try:
        return Draft202012Validator(schema).is_valid(value)
    except RecursionError:
        return None


def is_read(schema: dict[str, Any], value: Any) -> bool | None:  # noqa: ANN401  any JSON
    """Whether eventroute accepts a value; patterns mean to it what ECMA-262 says."""
    try:
        return bool(dialect_of(schema, "the schema").validator(schema).is_valid(value))
    except RecursionError:
        return None


def is_endless(schema: dict[str, Any]) -> bool:
    """Whether a definition leads to itself, on which jsonschema need not end."""
    return "itself without end" in compatibility(schema, False).reason


@settings(max_examples=PAIRS, suppress_health_check=[HealthCheck.large_base_example])
@given(pairs(), st.data())
def test_a_proof_survives_every_value_and_a_witness_is_one(
    pair: tuple[dict[str, Any], dict[str, Any]], data: st.DataObject
) -> None:
    old, new = pair
    judged = compatibility(old, new, seconds=5)
    if judged.verdict is Verdict.INCOMPATIBLE:
        assert fits(old, judged.witness) is True
        assert fits(new, judged.witness) is False
        assert is_read(old, judged.witness) is True
        assert is_read(new, judged.witness) is False
    elif judged.verdict is Verdict.COMPATIBLE and not is_endless(old) and not is_endless(new):
        for value in data.draw(st.lists(values, min_size=VALUES, max_size=VALUES)):
            if is_read(old, value):
                assert is_read(new, value), value


@settings(max_examples=PAIRS)
@given(pairs())
def test_a_schema_reads_what_fits_it(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert compatibility(pair[0], pair[0], seconds=30).verdict is Verdict.COMPATIBLE


@settings(max_examples=max(30, PAIRS // 4))
@given(pairs())
def test_an_alternative_more_is_never_a_break_and_a_part_more_never_needed(
    pair: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    old, new = pair
    either = {**_root(old), "anyOf": [_inner(old), _inner(new)]}
    both = {**_root(old), "allOf": [_inner(old), _inner(new)]}
    assert compatibility(old, either).verdict is not Verdict.INCOMPATIBLE
    assert compatibility(both, old).verdict is not Verdict.INCOMPATIBLE


@settings(
    max_examples=PAIRS // 3,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(st.data())
def test_keywords_of_later_drafts_say_nothing(data: st.DataObject) -> None:
    draft = data.draw(st.sampled_from(DRAFTS))
    old, new = data.draw(schemas(draft)), data.draw(schemas(draft))
    written = {**old, **data.draw(unknown_keywords(draft))}
    read = {**new, "allOf": [{**_inner(new), **data.draw(unknown_keywords(draft))}]}
    plainly = compatibility(old, {**new, "allOf": [_inner(new)]}).verdict
    judged = compatibility(written, read).verdict
    assert judged is plainly or Verdict.UNKNOWN in (judged, plainly)


def _root(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: schema[name] for name in ("$schema", "$defs")}


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("$schema", "$defs")}
