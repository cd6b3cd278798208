"""The keywords that eventroute reads itself accept what those of jsonschema accept."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import validators
from referencing.jsonschema import EMPTY_REGISTRY

from eventroute.registry.dialect import dialect_of
from tests.registry.schemas import DRAFTS, schemas, values


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    st.sampled_from(DRAFTS).flatmap(lambda draft: schemas(draft, plain=True)),
    st.lists(values(), min_size=5, max_size=5),
)
def test_plain_jsonschema_accepts_the_same(schema: dict[str, Any], instances: list[Any]) -> None:
    known: Any = validators
    plain = known.validator_for(schema)(schema, registry=EMPTY_REGISTRY)
    ours = dialect_of(schema, "t").validator(schema, registry=EMPTY_REGISTRY)

    for instance in instances:
        assert ours.is_valid(instance) is plain.is_valid(instance)
