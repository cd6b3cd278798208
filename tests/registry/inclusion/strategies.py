"""Random schemas, in which keywords meet, and values that come near to them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from eventroute.registry.dialect import dialect_of

__all__ = ["pairs", "unknown_keywords", "values"]

_NAMES = ("a", "b", "ab", "c", "é", "b\n")
_PATTERNS = ("^a", "b$", "a", "^[a-c]+$", "^$", "[0-9]", "^a*$", r"^\d$", r"\w", r"^\S+$", ".")
_LATER = (
    *("const", "contains", "propertyNames", "if", "prefixItems", "dependentRequired"),
    *("dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
)
_DRAFT = "https://json-schema.org/draft/2020-12/schema"

_plain = st.sampled_from(
    [
        *(None, True, False, 0, 1, 2, -1, 0.5, 1.0, 3, 10, "", "a", "b", "ab", "abc"),
        *([], [1], {}, ["a"], {"a": 1}, {"a": "a", "b": 1}),
        *("a\n", "é", "\u0663", "\n", {"é": 1}, {"b\n": "é"}),
    ]
)
_size = st.integers(0, 3)
_number = st.sampled_from([-1, 0, 1, 2, 3, 0.5, 10])
_names = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=2, unique=True)

values: st.SearchStrategy[Any] = st.recursive(
    _plain | st.integers(-2, 12) | st.text("ab0é\n\u0663", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*_NAMES, "d", "0", "aa")), inner, max_size=3)
    ),
    max_leaves=6,
)


def _several(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, min_size=1, max_size=3)


def _keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    by_name = st.dictionaries(st.sampled_from(_NAMES), inner, min_size=1, max_size=3)
    families: list[dict[str, st.SearchStrategy[Any]]] = [
        {"type": st.sampled_from(["object", "array", "string", "number", "integer"])},
        {"type": st.sampled_from([["object", "array"], ["string", "integer"], "null"])},
        {"minimum": _number, "maximum": _number},
        {"exclusiveMinimum": _number, "multipleOf": st.sampled_from([1, 2, 3, 0.5, 1.5])},
        {"minLength": _size, "maxLength": _size, "pattern": st.sampled_from(_PATTERNS)},
        {"items": inner, "minItems": _size, "maxItems": _size},
        {"prefixItems": _several(inner), "items": inner, "uniqueItems": st.booleans()},
        {"contains": inner, "minContains": _size, "maxContains": _size},
        {"properties": by_name, "required": _names},
        {"properties": by_name, "additionalProperties": st.just(False) | inner},
        {"patternProperties": st.dictionaries(st.sampled_from(_PATTERNS), inner, max_size=2)},
        {"propertyNames": st.sampled_from([{"pattern": "^a"}, {"maxLength": 1}, {"enum": ["a"]}])},
        {"minProperties": _size, "maxProperties": _size},
        {"dependentRequired": st.dictionaries(st.sampled_from(_NAMES), _names, max_size=1)},
        {"dependentSchemas": st.dictionaries(st.sampled_from(_NAMES), inner, max_size=1)},
        {"anyOf": _several(inner)},
        {"oneOf": _several(inner)},
        {"allOf": _several(inner)},
        {"not": inner},
        {"if": inner, "then": inner, "else": inner},
        {"enum": st.lists(_plain, min_size=1, max_size=5)},
        {"properties": by_name, "unevaluatedProperties": st.just(False) | inner},
        {"$ref": st.sampled_from(["#/$defs/x", "#/$defs/y"])},
    ]
    return st.sampled_from(families).flatmap(
        lambda family: st.fixed_dictionaries({}, optional=family)
    )


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


_leaf: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(True, False, {}, {"type": "integer"}, {"type": "string"}, {"type": ["integer", "null"]}),
        *({"minimum": 0, "type": "number"}, {"const": 1}, {"const": "a"}, {"enum": [0, "", None]}),
    ]
)
_schemas: st.SearchStrategy[Any] = st.recursive(
    _leaf,
    lambda inner: st.lists(_keywords(inner), min_size=1, max_size=3).map(_joined),
    max_leaves=6,
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two schemas: unrelated, or the one and what became of it by a keyword more or less."""
    definitions = {"x": draw(_schemas), "y": draw(_schemas)}
    old = draw(_schemas)
    if draw(st.booleans()) and isinstance(old, dict):
        new = {name: value for name, value in old.items() if draw(st.integers(0, 3))}
        new |= draw(_keywords(_leaf))
    else:
        new = draw(_schemas)
    one, other = (
        {"$schema": _DRAFT, "$defs": definitions, "allOf": [schema]}
        if isinstance(schema, bool)
        else {"$schema": _DRAFT, "$defs": definitions, **schema}
        for schema in (old, new)
    )
    return (other, one) if draw(st.booleans()) else (one, other)


def unknown_keywords(draft: str) -> st.SearchStrategy[dict[str, Any]]:
    """Keywords that a draft does not know, with any values."""
    known = dialect_of({"$schema": draft}, "the schema").validator.VALIDATORS
    values = st.sampled_from([5, "a", True, False, None, [], ["a"], {}, {"type": "string"}])
    names = [name for name in _LATER if name not in known]
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))
