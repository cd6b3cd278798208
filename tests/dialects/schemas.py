"""Random schemas of 2020-12, and values that tell them apart."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b")
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, 3, "", "x", "yy"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    ),
    max_leaves=6,
)
_TYPES = ["null", "boolean", "number", "integer", "string", "array", "object"]
_LEAVES = st.one_of(
    st.sampled_from([True, False, {}]),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(_TYPES)
            | st.lists(st.sampled_from(_TYPES), min_size=1, max_size=3, unique=True),
            "minimum": st.integers(0, 3),
            "exclusiveMinimum": st.integers(0, 3),
            "exclusiveMaximum": st.integers(0, 3),
            "maxLength": st.integers(0, 2),
            "minItems": st.integers(0, 2),
            "required": st.lists(st.sampled_from(NAMES), unique=True),
            "dependentRequired": st.just({"a": ["b"]}),
        },
    ),
    st.fixed_dictionaries({"const": VALUES}),
    st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)}),
    st.sampled_from([{"$ref": "#/$defs/one"}, {"$ref": "#"}, {"$ref": "#two"}]),
)


def _above(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(_TYPES),
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "items": inner,
            "prefixItems": several,
            "contains": inner,
            "minContains": st.integers(0, 2),
            "properties": st.dictionaries(st.sampled_from(NAMES), inner),
            "patternProperties": st.dictionaries(st.just("^a"), inner),
            "additionalProperties": inner,
            "propertyNames": inner,
            "dependentSchemas": st.dictionaries(st.sampled_from(NAMES), inner),
            "unevaluatedProperties": inner,
        },
    )


_SCHEMAS = st.recursive(_LEAVES, _above, max_leaves=8)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    whole = draw(
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from(NAMES), _SCHEMAS)},
            optional={
                "additionalProperties": _SCHEMAS,
                "oneOf": st.lists(_SCHEMAS, min_size=1, max_size=3),
            },
        )
    )
    two = draw(_SCHEMAS)
    two = {"$anchor": "two", **two} if isinstance(two, dict) else {"$anchor": "two"}
    return {**whole, "$defs": {"one": draw(_SCHEMAS), "x y/z": two}}
