"""Asking for a judgement, and checking what it says with plain jsonschema."""

from __future__ import annotations

from typing import Any

from jsonschema import validators

from eventroute.registry import Compatibility, Verdict, compatibility

__all__ = ["breaks", "fits", "reads"]

_DRAFTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/draft-07/schema#",
    "http://json-schema.org/draft-04/schema#",
)


def fits(schema: Any, value: object, *beside: Any) -> bool:  # noqa: ANN401  any JSON
    """Whether plain jsonschema accepts a value, in the newest draft that the schemas fit."""
    named = schema.get("$schema") if isinstance(schema, dict) else None
    known: Any = validators
    for uri in [named] if named else _DRAFTS:
        validator = known.validator_for({"$schema": uri}, None)
        checked = [schema, *(other for other in beside if _named(other) is None)]
        if named or all(validator(validator.META_SCHEMA).is_valid(other) for other in checked):
            return bool(validator(schema).is_valid(value))
    raise AssertionError("a schema of no draft")


def _named(schema: Any) -> object:  # noqa: ANN401  any JSON
    if not isinstance(schema, dict):
        return None
    return schema.get("$schema")


def reads(old: Any, new: Any, **options: Any) -> bool:  # noqa: ANN401  any JSON
    """Whether the judgement is that all that fits the old schema fits the new."""
    return compatibility(old, new, **options).verdict is Verdict.COMPATIBLE


def breaks(old: Any, new: Any, **options: Any) -> Compatibility:  # noqa: ANN401  any JSON
    """The judgement, which must be that something breaks, with a witness that is one."""
    judged = compatibility(old, new, **options)
    assert judged.verdict is Verdict.INCOMPATIBLE, judged.reason
    one, other = (new, old) if judged.direction == "FORWARD" else (old, new)
    assert fits(one, judged.witness, other)
    assert not fits(other, judged.witness, one)
    return judged
