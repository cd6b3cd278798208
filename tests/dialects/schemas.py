"""Random schemas of 2020-12, and values that tell them apart."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

NAMES = ("a", "b")
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 1.0, 1.5, 2, 3, "", "x", "yy"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    ),
    max_leaves=6,
)
_COUNTS = st.sampled_from([0, 1, 1.0, 2, 2.0])
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
            "multipleOf": st.sampled_from([0.5, 1, 2]),
            "maxLength": _COUNTS,
            "minItems": _COUNTS,
            "maxProperties": _COUNTS,
            "required": st.lists(st.sampled_from(NAMES), unique=True),
            "dependentRequired": st.just({"a": ["b"]}),
        },
    ),
    st.fixed_dictionaries({"const": VALUES}),
    st.fixed_dictionaries({"enum": st.lists(VALUES, max_size=3)}),
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
            "minContains": _COUNTS,
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


DRAFT_04_URI: Final = "http://json-schema.org/draft-04/schema#"
_WITH_NAMES: Final = ("properties", "patternProperties", "dependentSchemas", "$defs")


def old_schemas() -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of draft-04, with keywords in them that have a meaning only in later drafts."""
    return schemas().map(lambda schema: {"$schema": DRAFT_04_URI, **_old(schema)})


def _old(schema: Any) -> dict[str, Any]:  # noqa: ANN401  a schema
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    old: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _WITH_NAMES:
            old[keyword] = {name: _old(one) for name, one in value.items()}
        elif keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
            old[keyword] = [_old(one) for one in value]
        elif keyword == "enum":
            old |= {keyword: value[:1]} if value else {}
        elif keyword == "required":
            old |= {keyword: value} if value else {}
        elif keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            old |= {keyword: True, keyword.replace("exclusiveM", "m"): value}
        elif keyword == "$ref":
            old[keyword] = value.replace("#two", "#/$defs/x%20y~1z")
        elif isinstance(value, dict | bool) and keyword != "const":
            old[keyword] = _old(value)
        else:
            old[keyword] = int(value) if isinstance(value, float) and value.is_integer() else value
    return old
