"""Events to infer from, and what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from eventroute.registry.inference import SAMPLES, Inference
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TOPIC, TYPE = "shop.orders", "OrderPlaced"
ASSERTING = "http://json-schema.org/draft-07/schema#"
"""A draft in which formats are checked."""


def inferred(details: Iterable[Mapping[str, object]], **options: int) -> Inference:
    inference = Inference(**options)
    for detail in details:
        inference.add_detail(TOPIC, TYPE, detail)
    return inference


def schema_of(*details: Mapping[str, object]) -> dict[str, Any]:
    """The inferred schema without what every inferred schema has."""
    schema: dict[str, Any] = inferred(details).schema(TOPIC, TYPE)
    del schema["$schema"], schema[SAMPLES]
    return schema


def at(name: str, *values: object) -> Any:  # noqa: ANN401  a schema
    """The schema of one member, of which these values were seen."""
    return schema_of(*({name: value} for value in values))["properties"][name]


def refused(inference: Inference, details: Sequence[Mapping[str, object]]) -> list[object]:
    """The details that break what was inferred, with formats checked."""
    schema = inference.schema(TOPIC, TYPE) | {"$schema": ASSERTING}
    checker = Checker(schema, "what was inferred")
    return [detail for detail in details if checker.violations(detail)]


NAMES = st.sampled_from(
    ["a", "b", "c", "1", "22", "order-1001", "order-1002", "7f3a9c0d1e", "a/b", "", "x" * 200]
)
TEXTS = st.sampled_from(
    [
        *(
            "",
            "x",
            "open",
            "closed",
            "2026-01-31",
            "2026-01-31T08:00:00Z",
            "10.0.0.1",
            "::1",
            "y" * 99,
        ),
        *("me@example.org", "https://example.org/a?b=c", "00000000-0000-4000-8000-000000000000"),
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS | st.text(max_size=4) | st.dates().map(str) | st.datetimes().map(str)
    | st.uuids().map(str) | st.ip_addresses().map(str) | st.emails(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
details = st.lists(st.dictionaries(NAMES, json_values, max_size=4), min_size=1, max_size=6)
