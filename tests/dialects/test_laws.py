"""A translation accepts everything that the original does, and the same where it says so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from eventroute.dialects.lower import DRAFT_04, OPENAPI_30, Target, lowered
from eventroute.dialects.openapi import component_schema

from .schemas import DRAFT_04_URI, NAMES, VALUES, old_schemas, schemas


def validator_of(schema: dict[str, Any], target: Target) -> Any:  # noqa: ANN401
    definitions, name, _ = lowered(schema, "Whole", target)
    if target is DRAFT_04:
        translated = {"$ref": target.prefix + name, "definitions": definitions}
        Draft4Validator.check_schema(translated)
        return Draft4Validator(translated)
    document = {"openapi": "3.0.0", "components": {"schemas": definitions}}
    back = component_schema(document, {"$ref": target.prefix + name}, "the document")
    Draft202012Validator.check_schema(back)
    return Draft202012Validator(back)


def verdict(validator: Any, value: object) -> bool:  # noqa: ANN401
    try:
        return bool(validator.is_valid(value))
    except BaseException as error:
        # A reference without end means nothing. In the midst of jsonschema's own maps, which are
        # written in Rust, Python's error becomes a panic.
        assume(not isinstance(error, RecursionError))
        assume(type(error).__name__ != "PanicException")
        raise


OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2)


@pytest.mark.parametrize("target", [DRAFT_04, OPENAPI_30], ids=["draft-04", "openapi"])
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(schema=schemas() | old_schemas(), values=st.lists(OBJECTS, min_size=1, max_size=5))
def test_what_fits_a_schema_fits_its_translation(
    target: Target, schema: dict[str, Any], values: list[dict[str, Any]]
) -> None:
    draft = Draft4Validator if schema.get("$schema") == DRAFT_04_URI else Draft202012Validator
    draft.check_schema(schema)
    original = draft(schema)
    translated = validator_of(schema, target)
    _, _, exact = lowered(schema, "Whole", target)
    for value in values:
        if verdict(original, value):
            assert verdict(translated, value), value
        elif exact:
            assert not verdict(translated, value), value
