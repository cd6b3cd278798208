"""Small random patterns and events, of a few names and values, so that they meet often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "a.b", "$or"])
STRINGS = st.sampled_from(["", "x", "X", "xy", "yx", "10.0.0.1", "ß", "SS"])
NUMBERS = st.sampled_from([0, 1, 1.0, -1, 2.5, 10**23, 1e23])
SCALARS = st.one_of(STRINGS, NUMBERS, st.booleans(), st.none())

json_values = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)

events: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, json_values, max_size=3)


def _operator(name: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name: operand})


tests = st.one_of(
    SCALARS,
    _operator("prefix", STRINGS),
    _operator("suffix", STRINGS),
    _operator("equals-ignore-case", STRINGS),
    _operator("prefix", _operator("equals-ignore-case", STRINGS)),
    _operator("exists", st.booleans()),
    _operator("wildcard", st.sampled_from(["*", "x*", "*x", "x*y", "*x*"])),
    _operator("cidr", st.just("10.0.0.0/8")),
    _operator("numeric", st.sampled_from([[">", 0], ["<=", 1], [">=", 0, "<", 1], ["=", 1]])),
    _operator("anything-but", st.one_of(STRINGS, NUMBERS, st.lists(STRINGS, min_size=1))),
)
_lists = st.lists(tests, min_size=1, max_size=2)
_fields = st.sampled_from(["a", "b", "c", "a.b"])
_simple = st.dictionaries(_fields, _lists, min_size=1, max_size=2)
_nested = st.dictionaries(_fields, _lists | _simple, min_size=1, max_size=3)
_alternatives = st.lists(_nested, min_size=2, max_size=3)


def _with_or(fields: dict[str, Any], either: list[dict[str, Any]]) -> dict[str, Any]:
    return {**fields, "$or": either}


patterns: st.SearchStrategy[dict[str, Any]] = st.one_of(
    _nested,
    st.builds(_with_or, _nested, _alternatives),
)
