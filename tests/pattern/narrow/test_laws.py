"""Narrowing never loses an event: random patterns, random events, every dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute.pattern import Pattern
from eventroute.pattern.narrow import (
    EVENTBRIDGE_RULE,
    SNS_MESSAGE_ATTRIBUTES,
    SNS_MESSAGE_BODY,
    Dialect,
    attributes_of,
    check_policy,
    narrow,
    sns_matches,
)
from tests.pattern import strategies

PATHS: Final = ("detail", "detail.a", "detail.b", "detail.a.b", "detail.b.c")
NAMED: Final = SNS_MESSAGE_ATTRIBUTES.with_attributes({path: path for path in PATHS})


def tight(dialect: Dialect) -> Dialect:
    """The same with limits that small patterns exceed."""
    return replace(
        dialect,
        name=f"a small part of {dialect.name}",
        max_alternatives=3,
        max_keys=3,
        max_combinations=10,
        max_characters=80,
        max_wildcard_stars=min(dialect.max_wildcard_stars, 1),
    )


def careful(dialect: Dialect) -> Dialect:
    assert dialect.numbers is not None
    return replace(dialect, numbers=replace(dialect.numbers, compares_beyond=False))


DIALECTS: Final = {
    "eventbridge": EVENTBRIDGE_RULE,
    "eventbridge, tight": tight(EVENTBRIDGE_RULE),
    "eventbridge, without $or": replace(EVENTBRIDGE_RULE, max_alternatives=1),
    "body": SNS_MESSAGE_BODY,
    "body with wildcards": SNS_MESSAGE_BODY.with_wildcards(3),
    "body, tight": tight(SNS_MESSAGE_BODY),
    "body, equality only": replace(SNS_MESSAGE_BODY, forms=frozenset({"equals", "exists"})),
    "attributes": NAMED,
    "attributes, two only": SNS_MESSAGE_ATTRIBUTES,
    "attributes, tight": tight(NAMED),
}
each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)

_texts = st.sampled_from(["", "x", "X", "xy", "x1y", "1x", "é", 'a"b', "a\\b", "*", "10.0.0.1"])
_numbers = st.sampled_from([0, 1, 2.5, -1, 0.123456, -2.000001, 10**9, 10**9 + 1, -3e9, 1e23])
_texts_or_numbers = st.lists(_texts, min_size=1, max_size=3) | st.lists(
    _numbers, min_size=1, max_size=3
)
_stars = st.sampled_from(["*", "x*", "*y", "x*y", "*x*", "x*1*y", "*x*y*", "xy", r"\**"])
_full = _texts.filter(bool)
_some = st.lists(_full, min_size=1, max_size=3)


def _one(name: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name: operand})


def _range(ends: list[float], signs: list[str]) -> dict[str, Any]:
    low, high = sorted(ends)
    if low == high:
        return {"numeric": [signs[0], low]}
    return {"numeric": [signs[0], low, signs[1], high]}


_ranges = st.builds(
    _range,
    st.lists(_numbers, min_size=2, max_size=2),
    st.tuples(st.sampled_from([">", ">="]), st.sampled_from(["<", "<="])).map(list),
)
_excluded = st.one_of(
    _texts_or_numbers,
    _one("prefix", _some),
    _one("suffix", _some),
    _one("equals-ignore-case", st.lists(_texts, min_size=1, max_size=2)),
    _one("wildcard", st.lists(_stars, min_size=1, max_size=2)),
)
_tests = st.one_of(
    strategies.tests,
    _texts,
    _numbers,
    _ranges,
    _one("numeric", st.tuples(st.sampled_from(["<", "<=", ">", ">="]), _numbers).map(list)),
    _one("prefix", _texts),
    _one("suffix", _one("equals-ignore-case", _texts)),
    _one("wildcard", _stars),
    _one("anything-but", _excluded),
)
_lists = st.lists(_tests, min_size=1, max_size=4)
_fields = st.dictionaries(
    st.sampled_from(["a", "b", "c", "a.b", "b.c", "prefix"]),
    _lists | st.dictionaries(st.sampled_from("abc"), _lists, min_size=1, max_size=2),
    min_size=1,
    max_size=3,
)
_details = st.one_of(strategies.patterns, _fields)


def _envelope(
    detail: dict[str, Any], source: list[Any], either: list[dict[str, Any]]
) -> dict[str, Any]:
    pattern = {"detail": detail, **({"source": source} if source else {})}
    if len(either) > 1:
        pattern["$or"] = [{"detail": each} for each in either]
    return pattern


def _valid(written: dict[str, Any]) -> bool:
    try:
        Pattern(written)
    except ValueError:
        return False
    return True


patterns = st.builds(
    _envelope,
    _details,
    st.just([]) | st.just(["s"]) | st.just(["s", {"prefix": "t"}]),
    st.lists(strategies.patterns, max_size=3),
).filter(_valid)

_values = st.recursive(
    st.one_of(strategies.SCALARS, _texts, _numbers, st.floats(-10, 10), st.text(max_size=2)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "b.c", "prefix"]), inner, max_size=3)
    ),
    max_leaves=10,
)
events = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["s", "t1", "u"]),
        "detail-type": st.just("T"),
        "detail": st.dictionaries(st.sampled_from("abc"), _values, max_size=3) | strategies.events,
    }
)


_POOL: Final = [
    *[
        "",
        "x",
        "X",
        "xy",
        "x1y",
        "1x",
        "y",
        "é",
        'a"b',
        "a\\b",
        "*",
        "10.0.0.1",
        "ß",
        "SS",
        "s",
        "t1",
    ],
    *[True, False, None, 0, 0.5, 1, 2.5, -1, 0.123456, -2.000001, 10**9, 10**9 + 1, -3e9, 1e23, -5],
]


@st.composite
def made_for(draw: st.DrawFn, pattern: Pattern) -> dict[str, Any]:
    """An event that probably meets one of the pattern's alternatives, clause by clause."""
    event: dict[str, Any] = {"source": "s", "detail-type": "T", "detail": {}}
    for clause in draw(st.sampled_from(pattern.sub_rules)):
        test = draw(st.sampled_from(clause.matchers))
        fitting = [value for value in _POOL if test.matches(value)]
        if fitting:
            more = draw(st.lists(st.sampled_from(_POOL), max_size=1))
            value = draw(st.sampled_from(fitting))
            _plant(event, clause.segments, [*more, value] if more else value, draw(st.booleans()))
    return event


def _plant(at: dict[str, Any], names: list[str], value: object, apart: bool) -> None:
    """Put a value at a path; if asked to, into an element of its own."""
    for name in names[:-1]:
        below = at.setdefault(name, {})
        if apart and name != "detail":
            at[name] = below = [*(below if isinstance(below, list) else [below]), {}]
        if isinstance(below, list):
            below = below[-1]
        if not isinstance(below, dict):
            return
        at = below
    at.setdefault(names[-1], value)


meetings = patterns.flatmap(lambda written: st.tuples(st.just(written), made_for(Pattern(written))))


def lets_through(policy: dict[str, Any] | None, event: dict[str, Any], dialect: Dialect) -> bool:
    if policy is None:
        return True
    if dialect.scope == "EventBridgeRule":
        return Pattern(policy).matches(event)
    if dialect.scope == "MessageBody":
        return sns_matches(policy, json.dumps(event), "MessageBody")
    return sns_matches(policy, attributes_of(event, dialect), "MessageAttributes")


@each_dialect
@given(st.tuples(patterns, events) | meetings)
def test_what_the_pattern_matches_is_let_through(
    dialect: Dialect, meeting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    written, event = meeting
    pattern = Pattern(written)
    narrowed = narrow(pattern, dialect)
    assert lets_through(narrowed.pattern, event, dialect) or not pattern.matches(event)


@each_dialect
@given(patterns, st.data())
def test_where_nothing_is_left_out_nothing_else_is_let_through(
    dialect: Dialect, written: dict[str, Any], data: st.DataObject
) -> None:
    pattern = Pattern(written)
    narrowed = narrow(pattern, dialect)
    if narrowed.exact and narrowed.pattern is not None:
        event = data.draw(made_for(Pattern(narrowed.pattern)) | made_for(pattern) | events)
        assert lets_through(narrowed.pattern, event, dialect) == pattern.matches(event)


@each_dialect
@settings(max_examples=50)
@given(written=patterns)
def test_a_narrowed_pattern_is_valid_in_its_dialect(
    dialect: Dialect, written: dict[str, Any]
) -> None:
    narrowed = narrow(Pattern(written), dialect)
    if narrowed.pattern is not None:
        check_policy(narrowed.pattern, dialect)
        assert json.loads(cast("str", narrowed.to_json())) == narrowed.pattern


@each_dialect
@settings(max_examples=50)
@given(written=patterns)
def test_narrowing_again_changes_nothing(dialect: Dialect, written: dict[str, Any]) -> None:
    narrowed = narrow(Pattern(written), dialect)
    if narrowed.pattern is not None:
        names = tuple((name, name) for _, name in dialect.attributes)
        again = narrow(Pattern(narrowed.pattern), replace(dialect, attributes=names))
        assert again.pattern == narrowed.pattern


@each_dialect
@settings(max_examples=50)
@given(written=patterns)
def test_what_is_left_out_is_named_by_pointer(dialect: Dialect, written: dict[str, Any]) -> None:
    for omission in narrow(Pattern(written), dialect).left_out:
        at: Any = written
        for part in omission.pointer.split("/")[1:]:
            at = at[int(part)] if isinstance(at, list) else at[part]
        assert omission.what
        assert omission.why
        assert omission.remedy


def coarse(value: object, rounding: str) -> object:
    """The event as a service sees it that compares few numbers, and few of their decimals."""
    if isinstance(value, dict):
        return {name: coarse(item, rounding) for name, item in value.items()}
    if isinstance(value, list):
        return [coarse(item, rounding) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if abs(value) > 10**9:
        return f"{value!r} is no number"
    return float(Decimal(repr(value)).quantize(Decimal("1e-5"), rounding=rounding))


_whole_tests = st.one_of(
    _numbers, _ranges, _one("anything-but", _numbers), st.just({"exists": True})
)
number_patterns = st.dictionaries(
    st.sampled_from("ab"), st.lists(_whole_tests, min_size=1, max_size=2), min_size=1
).map(lambda detail: {"detail": detail})
number_events = st.dictionaries(st.sampled_from("ab"), _numbers | st.lists(_numbers), min_size=1)


@pytest.mark.parametrize("rounding", [ROUND_FLOOR, ROUND_HALF_EVEN])
@pytest.mark.parametrize(
    "dialect", [careful(SNS_MESSAGE_BODY), careful(NAMED)], ids=lambda d: d.scope
)
@settings(max_examples=300)
@given(written=number_patterns, detail=number_events)
def test_a_careful_dialect_does_not_rely_on_numbers_beyond_its_limits(
    dialect: Dialect, rounding: str, written: dict[str, Any], detail: dict[str, Any]
) -> None:
    pattern, event = Pattern(written), {"source": "s", "detail-type": "T", "detail": detail}
    if pattern.matches(event):
        narrowed = narrow(pattern, dialect)
        seen = cast("dict[str, Any]", coarse(event, rounding))
        assert lets_through(narrowed.pattern, seen, dialect)
