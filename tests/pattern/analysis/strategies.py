"""Random patterns and events for analyses: fewer names, closer values, more arrays."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

STRINGS = st.sampled_from(["", "a", "A", "ab", "aB", "ba", "aba", "ß", "SS", "ǆ", "ǅ", "𐐀"])
ADDRESSES = st.sampled_from(["10.0.0.0", "10.0.0.9", "10.0.1.0", "010.0.0.1", "::", "::1", "A::"])
NUMBERS = st.sampled_from([0, 0.0, 1, 1.0, -1, 2, 2.5, 10**23, 1e23, 2**53, 2**53 + 1])
SCALARS = st.one_of(STRINGS, ADDRESSES, NUMBERS, st.booleans(), st.none())
BLOCKS = st.sampled_from(
    ["10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24", "0.0.0.0/0", "::/0", "::/127"]
)
WILDCARDS = st.sampled_from(["*", "a*", "*a", "a*a", "*b*", "a*b*a", "ab", "*0", "", "1*", "*ß*"])
RANGES = st.sampled_from(
    [[">", 0], [">=", 0], ["<", 1], ["<=", 1], [">", 0, "<", 1], [">=", 0, "<=", 1], ["=", 1]]
)

# Names with dots in an event are other names; two levels give arrays something to tie together.
_names = st.sampled_from(["a", "b", "b", "b.a", "a.b"])
_leaves = st.one_of(SCALARS, SCALARS, SCALARS, st.integers(-2, 3), st.text("abAB.ßS1", max_size=4))
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)
events: st.SearchStrategy[dict[str, Any]] = st.dictionaries(_names, _values, max_size=3)


def _operator(name: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name: operand})


def _some(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return operand | st.lists(operand, min_size=1, max_size=3)


_full = STRINGS.filter(bool)
_excluded = st.one_of(
    _some(STRINGS),
    _some(NUMBERS),
    _operator("prefix", _some(_full)),
    _operator("suffix", _some(_full)),
    _operator("wildcard", _some(WILDCARDS)),
    _operator("equals-ignore-case", _some(STRINGS)),
)
tests = st.one_of(
    SCALARS,
    _operator("prefix", STRINGS),
    _operator("suffix", STRINGS),
    _operator("prefix", _operator("equals-ignore-case", STRINGS)),
    _operator("suffix", _operator("equals-ignore-case", STRINGS)),
    _operator("equals-ignore-case", STRINGS | ADDRESSES),
    _operator("wildcard", WILDCARDS),
    _operator("cidr", BLOCKS),
    _operator("numeric", RANGES),
    _operator("exists", st.booleans()),
    _operator("anything-but", _excluded),
)
_lists = st.lists(tests, min_size=1, max_size=3)
_fields = st.dictionaries(st.sampled_from(["a", "b", "b.a", "b.b"]), _lists, min_size=1, max_size=2)


def _with_or(fields: dict[str, Any], either: list[dict[str, Any]]) -> dict[str, Any]:
    return {**fields, "$or": either}


patterns: st.SearchStrategy[dict[str, Any]] = st.one_of(
    _fields,
    _fields,
    st.builds(_with_or, _fields | st.just({}), st.lists(_fields, min_size=2, max_size=3)),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two patterns; often the second is the first with a test more or less."""
    first = draw(patterns)
    if draw(st.booleans()):
        return first, draw(patterns)
    second = {name: list(value) for name, value in first.items()}
    name = draw(st.sampled_from(sorted(second)))
    if name != "$or":
        kept = draw(st.sets(st.sampled_from(range(len(second[name]))), min_size=1))
        second[name] = [test for place, test in enumerate(second[name]) if place in kept]
        second[name] += draw(st.lists(tests, max_size=1))
    elif draw(st.booleans()):
        second[name].append(draw(_fields))
    if draw(st.booleans()):
        second["b"] = draw(_lists)
    return (second, first) if draw(st.booleans()) else (first, second)
