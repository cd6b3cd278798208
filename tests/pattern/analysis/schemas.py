"""Random JSON Schemas, and values that fit them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from tests.pattern.analysis.strategies import tests

JSONSchema = dict[str, Any] | bool

_names = st.sampled_from(["a", "b", "c"])
_declared = st.sampled_from(["a", "a", "b", "b", "c", "a.b"])
_scalars = st.sampled_from([None, True, False, 0, 1, 1.0, 2, 2.5, -1, "", "a", "ab", "b", "A"])
_values = st.recursive(
    _scalars | st.integers(-2, 4) | st.sampled_from([10**23, 1e23, 2**53 + 1]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_names, inner, max_size=2),
    max_leaves=5,
)
_kinds = st.sampled_from(["null", "boolean", "number", "integer", "string", "array", "object"])
_numbers = st.sampled_from([-1, 0, 1, 1.0, 1.5, 2, 1e23])
_references = st.sampled_from(["#/$defs/x", "#/$defs/y", "#", "#/properties/a", "#/nowhere/a"])


def _joined(*keywords: dict[str, Any]) -> dict[str, Any]:
    return {name: value for each in keywords for name, value in each.items()}


def _some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords)


_leaves: st.SearchStrategy[JSONSchema] = st.one_of(
    st.booleans(),
    st.fixed_dictionaries({"type": _kinds | st.lists(_kinds, min_size=1, max_size=3, unique=True)}),
    st.fixed_dictionaries({"const": _values}),
    st.fixed_dictionaries({"enum": st.lists(_values, min_size=1, max_size=3)}),
    st.builds(
        _joined,
        st.sampled_from([{"type": "number"}, {"type": "integer"}, {"type": ["integer", "null"]}]),
        _some(
            minimum=_numbers, maximum=_numbers, exclusiveMinimum=_numbers, exclusiveMaximum=_numbers
        ),
    ),
    st.builds(
        _joined,
        st.just({"type": "string"}),
        _some(minLength=st.integers(0, 2), maxLength=st.integers(0, 2)),
    ),
)


def _deeper(inner: st.SearchStrategy[JSONSchema]) -> st.SearchStrategy[JSONSchema]:
    several = st.lists(inner, min_size=1, max_size=3)
    objects = st.builds(
        _joined,
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(_declared, inner, max_size=3)}
        ),
        _some(
            required=st.lists(_names, max_size=2, unique=True),
            additionalProperties=st.just(False) | inner,
            patternProperties=st.just({"^c": True}),
        ),
    )
    arrays = st.builds(
        _joined,
        st.just({"type": "array"}),
        _some(
            items=inner,
            minItems=st.integers(0, 2),
            maxItems=st.integers(0, 2),
            prefixItems=st.lists(inner, min_size=1, max_size=2),
        ),
    )
    return st.one_of(
        objects,
        objects,
        arrays,
        _some(anyOf=several, oneOf=several),
        _some(allOf=several),
        _some(**{"if": inner, "then": inner, "else": inner}),
        st.fixed_dictionaries({"not": inner}),
        st.builds(
            _joined,
            st.fixed_dictionaries({"$ref": _references}),
            _some(properties=st.dictionaries(_declared, inner, max_size=1)),
        ),
    )


_inner = st.recursive(_leaves, _deeper, max_leaves=6)


@st.composite
def _schemas(draw: st.DrawFn) -> dict[str, Any]:
    root: dict[str, Any] = {
        "$schema": draw(
            st.sampled_from(
                [
                    "http://json-schema.org/draft-07/schema#",
                    "https://json-schema.org/draft/2020-12/schema",
                ]
            )
        ),
        "type": "object",
        "properties": draw(st.dictionaries(_declared, _inner, min_size=1, max_size=3)),
        "required": draw(st.lists(_names, max_size=2, unique=True)),
        "$defs": {"x": draw(_inner), "y": draw(_inner)},
    }
    root.update(
        draw(_some(additionalProperties=st.just(False), oneOf=st.lists(_inner, max_size=2)))
    )
    return {keyword: value for keyword, value in root.items() if value != []}


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of objects, of draft-07 and 2020-12; references may be recursive, not circular."""
    return _schemas().filter(lambda schema: not _goes_in_circles(schema))


def _target(root: dict[str, Any], reference: str) -> Any:  # noqa: ANN401  any JSON value
    value: Any = root
    for step in reference.split("/")[1:]:
        value = value.get(step, {}) if isinstance(value, dict) else {}
    return value


def _goes_in_circles(root: dict[str, Any]) -> bool:
    """Whether a validator could follow references for ever, without going into the value."""

    def circular(schema: Any, above: tuple[int, ...]) -> bool:  # noqa: ANN401
        if not isinstance(schema, dict):
            return False
        if id(schema) in above:
            return True
        beside = [each for name in ("allOf", "anyOf", "oneOf") for each in schema.get(name, ())]
        beside += [schema[name] for name in ("if", "then", "else", "not") if name in schema]
        if "$ref" in schema:
            beside.append(_target(root, schema["$ref"]))
        return any(circular(each, (*above, id(schema))) for each in beside)

    places: list[Any] = [root]
    for place in places:
        places += (
            place.values() if isinstance(place, dict) else place if isinstance(place, list) else ()
        )
    return any(circular(place, ()) for place in places)


def fits(schema: dict[str, Any], value: Any) -> bool:  # noqa: ANN401  any JSON value
    """Whether a value is valid; one that cannot be decided is not."""
    validator = Draft7Validator if "draft-07" in schema["$schema"] else Draft202012Validator
    try:
        return validator(schema, registry=EMPTY_REGISTRY).is_valid(value)
    except Unresolvable:  # a reference leads nowhere
        return False


@st.composite
def instances(draw: st.DrawFn, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects that fit a schema; none where no attempt succeeded."""
    found: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(4, 12))):
        made = _Maker(draw, schema).make(schema, 0)
        if isinstance(made, dict) and fits(schema, made):
            found.append(made)
    return found


class _Maker:
    """Follows one way through a schema; what comes out often fits it."""

    def __init__(self, draw: st.DrawFn, root: dict[str, Any]) -> None:
        self._draw = draw
        self._root = root

    def make(self, schema: JSONSchema, depth: int) -> object:
        if isinstance(schema, bool) or depth > 6:
            return self._draw(_values)
        made = self._own(schema, depth)
        for each in self._others(schema):
            more = self.make(each, depth + 1)
            made = {**made, **more} if isinstance(made, dict) and isinstance(more, dict) else more
        return made

    def _others(self, schema: dict[str, Any]) -> list[JSONSchema]:
        others: list[JSONSchema] = [
            self._draw(st.sampled_from(schema[name]))
            for name in ("anyOf", "oneOf")
            if name in schema
        ]
        others += schema.get("allOf", [])
        if "if" in schema:
            branches = (("if", "then"), ("else",))
            others += [schema.get(name, True) for name in self._draw(st.sampled_from(branches))]
        return [*others, _target(self._root, schema["$ref"])] if "$ref" in schema else others

    def _own(self, schema: dict[str, Any], depth: int) -> object:
        if "const" in schema or "enum" in schema:
            return self._draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
        kinds = schema.get("type", "object" if "properties" in schema else None)
        kind = self._draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            items = [*schema.get("prefixItems", ()), *[schema.get("items", True)] * 2]
            least = schema.get("minItems", 0)
            size = self._draw(st.integers(least, max(least, schema.get("maxItems", 3))))
            return [self.make(each, depth + 1) for each in items[:size]]
        simple: dict[str | None, st.SearchStrategy[Any]] = {
            "null": st.none(),
            "boolean": st.booleans(),
            "integer": st.integers(-2, 4) | st.sampled_from([1.0, 2.0, 1e23, 10**23]),
            "number": st.integers(-2, 4) | st.sampled_from([1.0, 0.5, 1.5, 1e23, 10**23]),
            "string": st.sampled_from(["", "a", "ab", "b", "A", "aba"]),
        }
        return self._draw(simple.get(kind, _values))

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, each in schema.get("properties", {}).items():
            if name in schema.get("required", ()) or self._draw(st.booleans()):
                made[name] = self.make(each, depth + 1)
        if schema.get("additionalProperties") is not False:
            extra = self._draw(st.dictionaries(_names, st.just(True), max_size=1))
            for name in {*extra, *schema.get("required", ())} - made.keys():
                made[name] = self.make(schema.get("additionalProperties", True), depth + 1)
        return made


_lists = st.lists(tests | _scalars | st.just({"exists": True}), min_size=1, max_size=3)
patterns: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["a", "b", "c", "a.a", "a.b", "b.a", "b.c", "a.b.a"]),
    _lists,
    min_size=1,
    max_size=3,
)
