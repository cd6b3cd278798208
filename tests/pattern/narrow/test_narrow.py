from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eventroute.errors import DeclarationError, PatternError
from eventroute.pattern import Pattern, PatternLimits
from eventroute.pattern.narrow import (
    EVENTBRIDGE_RULE,
    SNS_MESSAGE_ATTRIBUTES,
    SNS_MESSAGE_BODY,
    Dialect,
    Narrowed,
    narrow,
)


def body(written: dict[str, Any]) -> Narrowed:
    return narrow(Pattern(written), SNS_MESSAGE_BODY)


def carried_on_body(*tests: object) -> list[Any] | None:
    """What becomes of the tests of one field."""
    narrowed = body({"a": list(tests)}).pattern
    return None if narrowed is None else narrowed["a"]


def test_a_pattern_that_is_carried_stays_as_it_is() -> None:
    written = {
        "source": ["shop.orders"],
        "detail": {
            "country": ["KR", {"prefix": "J"}],
            "total": [{"numeric": [">=", 1000, "<=", 9000]}],
        },
    }
    for dialect in (EVENTBRIDGE_RULE, SNS_MESSAGE_BODY):
        narrowed = narrow(Pattern(written), dialect)
        assert narrowed.pattern == written
        assert narrowed.exact
        assert not narrowed.left_out


def test_a_wildcard_becomes_the_longer_of_its_ends() -> None:
    assert carried_on_body({"wildcard": "orders/*.p"}) == [{"prefix": "orders/"}]
    assert carried_on_body({"wildcard": "o*.json"}) == [{"suffix": ".json"}]
    assert carried_on_body({"wildcard": "*x*"}) == [{"exists": True}]


def test_a_wildcard_that_is_a_prefix_or_suffix_loses_nothing() -> None:
    narrowed = body({"a": [{"wildcard": "x*"}, {"wildcard": "*y"}, {"wildcard": r"z\*"}]})
    assert narrowed.pattern == {"a": [{"prefix": "x"}, {"suffix": "y"}, "z*"]}
    assert narrowed.exact


def test_a_dialect_may_be_given_wildcards() -> None:
    dialect = SNS_MESSAGE_BODY.with_wildcards(2)
    assert narrow(Pattern({"a": [{"wildcard": "a*b*c"}]}), dialect).exact
    fewer = narrow(Pattern({"a": [{"wildcard": "a*b*long*c"}]}), dialect)
    assert fewer.pattern == {"a": [{"wildcard": "a*long*c"}]}


def test_anything_but_a_suffix_asks_for_some_value() -> None:
    narrowed = body({"a": [{"anything-but": {"suffix": ".png"}}, "x"]})
    assert narrowed.pattern == {"a": [{"exists": True}]}
    (omission,) = narrowed.left_out
    assert omission.pointer == "/a/0"
    assert "anything-but suffix" in omission.why


def test_anything_but_excludes_what_the_dialect_can_exclude() -> None:
    assert carried_on_body({"anything-but": {"equals-ignore-case": "Kr"}}) == [
        {"anything-but": ["Kr", "kr", "KR"]}
    ]
    assert carried_on_body({"anything-but": [5, 2e9]}) == [{"anything-but": 5}]
    assert not body({"a": [{"anything-but": [5, 2e9]}]}).exact


@pytest.mark.parametrize("excluded", [{"prefix": "in"}, {"prefix": ["a"]}, {"wildcard": "in*"}])
def test_numbers_pass_anything_but_a_prefix_and_may_not_do_so_on_sns(excluded: object) -> None:
    pattern = {"a": [{"anything-but": excluded}]}
    assert Pattern(pattern).matches({"a": 5})
    assert body(pattern).pattern == {"a": [{"exists": True}]}


def test_an_affix_in_any_case_keeps_the_part_that_has_no_case() -> None:
    ignored = {"equals-ignore-case": "2026-a"}
    assert carried_on_body({"prefix": ignored}) == [{"prefix": "2026-"}]
    assert carried_on_body({"suffix": ignored}) == [{"exists": True}]
    assert not body({"a": [{"prefix": ignored}]}).exact
    assert body({"a": [{"prefix": {"equals-ignore-case": "2026-"}}]}).exact


def test_numbers_are_written_so_that_aws_compares_them_by_value() -> None:
    assert carried_on_body(5, "5") == [{"numeric": ["=", 5]}, "5"]
    eventbridge = narrow(Pattern({"a": [5, {"exactly": "x"}]}), EVENTBRIDGE_RULE)
    assert eventbridge.pattern == {"a": [{"numeric": ["=", 5]}, "x"]}
    assert eventbridge.exact


@pytest.mark.parametrize(
    ("test", "carried"),
    [
        ([">", 2e9], [">", 10**9]),
        ([">=", -2e9, "<", 5], ["<", 5]),
        ([">", 0.1234567], [">", 0.12345]),
        ([">", 0.1234567, "<=", 0.2345678], [">", 0.12345, "<=", 0.23457]),
        (["=", 0.1234567], [">=", 0.12345, "<=", 0.12346]),
        (["=", 3e9], [">=", 10**9]),
    ],
)
def test_a_number_that_sns_cannot_hold_becomes_the_range_around_it(
    test: list[Any], carried: list[Any]
) -> None:
    narrowed = body({"a": [{"numeric": test}]})
    assert narrowed.pattern == {"a": [{"numeric": carried}]}
    assert not narrowed.exact


@pytest.mark.parametrize(
    ("number", "carried"),
    [
        (5_000_000_000, {"numeric": ["=", 5_000_000_000]}),
        (0.000001, {"numeric": ["=", 0.000001]}),
        (9_007_199_254_740_993, {"exists": True}),
        (-1e23, {"exists": True}),
        (0.1234567, {"numeric": [">=", 0.123456, "<=", 0.123457]}),
        ({"anything-but": 9_007_199_254_740_993}, {"exists": True}),
    ],
)
def test_a_number_that_eventbridge_cannot_compare_becomes_the_range_around_it(
    number: object, carried: object
) -> None:
    narrowed = narrow(Pattern({"detail": {"a": [number]}}), EVENTBRIDGE_RULE)
    assert narrowed.pattern == {"detail": {"a": [carried]}}


@pytest.mark.parametrize(
    "test",
    [
        {"numeric": [">", 0]},  # milliseconds since 1970 are beyond 5e9
        {"numeric": ["<", 0]},
        {"anything-but": 5},  # 5.0000001 is cut off to it
    ],
)
def test_no_rule_keeps_away_a_number_that_eventbridge_does_not_compare(test: object) -> None:
    narrowed = narrow(Pattern({"detail": {"at": [test]}}), EVENTBRIDGE_RULE)
    assert narrowed.pattern == {"detail": {"at": [{"exists": True}]}}
    assert not narrowed.exact


def test_a_rule_has_ranges_with_both_bounds_which_count_as_passed() -> None:
    """event-ruler cuts 0.1000001 off to 0.1."""
    narrowed = narrow(Pattern({"at": [{"numeric": [">", 0.1, "<", 9]}]}), EVENTBRIDGE_RULE)
    assert narrowed.pattern == {"at": [{"numeric": [">=", 0.1, "<=", 9]}]}


@pytest.mark.parametrize("dialect", [EVENTBRIDGE_RULE, SNS_MESSAGE_BODY])
def test_a_test_that_another_one_replaces_is_not_carried_along(dialect: Dialect) -> None:
    pattern = Pattern({"$or": [{"a": [10**23]}, {"b": ["y"]}], "a": ["x"]})
    narrowed = narrow(pattern, dialect)
    assert narrowed.exact
    assert str(10**23) not in (narrowed.to_json() or "")


def test_a_careful_dialect_takes_ranges_with_two_bounds_included() -> None:
    assert SNS_MESSAGE_BODY.numbers is not None
    careful = replace(
        SNS_MESSAGE_BODY, numbers=replace(SNS_MESSAGE_BODY.numbers, compares_beyond=False)
    )

    def carried(test: object) -> object:
        narrowed = narrow(Pattern({"a": [test]}), careful).pattern
        return None if narrowed is None else narrowed["a"][0]

    assert carried({"numeric": [">", 5, "<", 10]}) == {"numeric": [">=", 5, "<=", 10]}
    assert carried({"numeric": [">", 5]}) == {"exists": True}
    assert carried({"anything-but": 5}) == {"exists": True}
    assert carried(5) == {"numeric": ["=", 5]}


def test_a_range_of_all_that_sns_compares_asks_for_some_value() -> None:
    assert carried_on_body({"numeric": [">", -2e9]}) == [{"exists": True}]


def test_a_test_that_passes_on_all_drops_its_field() -> None:
    narrowed = body({"a": [{"exists": False}, {"wildcard": "*x*"}], "b": ["y"]})
    assert narrowed.pattern == {"b": ["y"]}
    assert narrowed.left_out[0].pointer == "/a/1"


def test_five_fields_are_kept_the_most_selective_ones() -> None:
    tests = {
        "a": [{"exists": True}],
        "b": [{"prefix": "x"}],
        "c": ["x"],
        "d": [{"anything-but": "x"}],
        "e": ["x"],
        "f": ["x"],
        "g": ["x"],
    }
    narrowed = body({"detail": tests})
    assert narrowed.pattern == {"detail": {name: tests[name] for name in "bcefg"}}
    assert {omission.pointer for omission in narrowed.left_out} == {"/detail/a", "/detail/d"}


def test_too_many_combinations_shorten_the_longest_list() -> None:
    values = [f"order-{number}" for number in range(200)]
    narrowed = body({"detail": {"id": values, "country": ["KR", "JP"]}})
    assert narrowed.pattern == {"detail": {"id": [{"prefix": "order-"}], "country": ["KR", "JP"]}}
    assert "150 combinations" in narrowed.left_out[0].why

    numbers = body({"n": [*range(100)], "m": ["x", "y"]})
    assert numbers.pattern == {"n": [{"numeric": [">=", 0, "<=", 99]}], "m": ["x", "y"]}

    mixed = body({"a": [*range(100), *(str(number) for number in range(100))]})
    assert mixed.pattern == {"a": [{"exists": True}]}


def test_a_long_list_with_absence_is_dropped() -> None:
    values = [f"x{number}" for number in range(200)]
    assert body({"a": [*values, {"exists": False}], "b": ["y"]}).pattern == {"b": ["y"]}


def test_deep_fields_weigh_more() -> None:
    values = [str(number) for number in range(76)]
    assert body({"a": values}).exact
    assert not body({"detail": {"a": values}}).exact
    assert not body({"detail.a": values}).exact
    assert body({"detail": {"a": values[1:]}}).exact


def test_alternatives_of_one_field_become_one_list() -> None:
    narrowed = body({"$or": [{"a": [f"x{number}"]} for number in range(6)]})
    assert narrowed.pattern == {"a": [f"x{number}" for number in range(6)]}
    assert narrowed.exact


def test_alternatives_that_are_too_many_are_joined() -> None:
    both = [{"a": [f"x{number}"], "b": [f"y{number}"], "c": ["z"]} for number in range(3)]
    narrowed = body({"$or": both})
    assert narrowed.pattern == {"a": ["x0", "x1", "x2"], "b": ["y0", "y1", "y2"], "c": ["z"]}
    assert {omission.pointer for omission in narrowed.left_out} == {
        f"/$or/{index}/{name}" for index in range(3) for name in "ab"
    }


def test_alternatives_stay_apart_where_that_asks_for_more() -> None:
    fields = {"a": ["x"], "b": ["x"], "c": ["x"]}
    narrowed = body({"$or": [{**fields, "d": ["x"], "e": ["x"], "f": ["x"]}, {"g": ["x"]}]})
    assert narrowed.pattern == {"$or": [{**fields, "d": ["x"]}, {"g": ["x"]}]}


def test_without_or_only_what_all_alternatives_share_is_carried() -> None:
    dialect = replace(SNS_MESSAGE_BODY, max_alternatives=1)
    narrowed = narrow(
        Pattern({"a": ["x"], "$or": [{"b": ["y"], "c": ["z"]}, {"b": ["w"]}]}), dialect
    )
    assert narrowed.pattern == {"a": ["x"], "b": ["y", "w"]}
    assert {omission.pointer for omission in narrowed.left_out} == {
        "/$or/0/b",
        "/$or/0/c",
        "/$or/1/b",
    }


def test_an_alternative_that_cannot_be_carried_lets_everything_through() -> None:
    narrowed = body({"$or": [{"a": ["x"]}, {"b": [{"exists": False}, {"wildcard": "*x*"}]}]})
    assert narrowed.pattern is None
    assert narrowed.to_json() is None
    assert not narrowed.exact


def test_an_eventbridge_rule_has_2048_characters() -> None:
    values = [f"{number:04}" for number in range(400)]
    narrowed = narrow(Pattern({"source": ["s"], "detail": {"id": values}}), EVENTBRIDGE_RULE)
    assert narrowed.pattern == {"source": ["s"], "detail": {"id": [{"prefix": "0"}]}}
    larger = replace(EVENTBRIDGE_RULE, max_characters=4_096)
    assert narrow(Pattern({"source": ["s"], "detail": {"id": values}}), larger).exact


def test_the_stars_of_an_eventbridge_wildcard_are_bounded() -> None:
    pattern = Pattern(
        {"a": [{"wildcard": "*1*22*3*44*55*66*"}]}, limits=PatternLimits(max_wildcard_stars=9)
    )
    narrowed = narrow(pattern, EVENTBRIDGE_RULE)
    assert narrowed.pattern == {"a": [{"wildcard": "*22*44*55*66*"}]}


def test_a_field_beside_fields_below_it_is_written_with_dots() -> None:
    narrowed = body({"a": ["x"], "a.b": [{"wildcard": "y*"}], "a.b.c": ["z"]})
    assert narrowed.pattern == {"a": ["x"], "a.b": [{"prefix": "y"}], "a.b.c": ["z"]}


def test_a_field_named_or_is_dropped() -> None:
    narrowed = body({"$or": ["x"], "a": ["y"]})
    assert narrowed.pattern == {"a": ["y"]}
    assert narrowed.left_out[0].pointer == "/$or"


def test_alternatives_with_a_field_named_like_an_operator_are_joined() -> None:
    written = {"$or": [{"a.prefix": [{"wildcard": "x*"}], "b": ["y"]}, {"b": ["z"]}]}
    assert body(written).pattern == {"b": ["y", "z"]}


def test_attributes_carry_the_members_that_are_sent() -> None:
    written = {"source": ["s"], "detail-type": ["T"], "detail": {"a": ["x"], "b": ["y"]}}
    dialect = SNS_MESSAGE_ATTRIBUTES.with_attributes({"detail.a": "first"})
    narrowed = narrow(Pattern(written), dialect)
    assert narrowed.pattern == {"source": ["s"], "detail-type": ["T"], "first": ["x"]}
    (omission,) = narrowed.left_out
    assert omission.pointer == "/detail/b"
    assert "with_attributes" in omission.remedy


def test_attributes_do_not_keep_elements_of_arrays_together() -> None:
    dialect = SNS_MESSAGE_ATTRIBUTES.with_attributes(
        {"detail.items.sku": "sku", "detail.items.quantity": "quantity", "detail.a": "a"}
    )
    written = {"detail": {"a": ["x"], "items": {"sku": ["A"], "quantity": ["3"]}}}
    narrowed = narrow(Pattern(written), dialect)
    assert narrowed.pattern == {"a": ["x"], "sku": ["A"], "quantity": ["3"]}
    (omission,) = narrowed.left_out
    assert omission.pointer == "/detail/items/quantity"


@pytest.mark.parametrize(
    ("test", "carried"),
    [
        ('say "x"', {"prefix": "say "}),
        ("\\a.b.c", {"suffix": "a.b.c"}),
        ('"', {"exists": True}),
        ({"anything-but": ["x", '"']}, {"anything-but": "x"}),
    ],
)
def test_attribute_policies_hold_no_quotes_and_backslashes(test: object, carried: object) -> None:
    narrowed = narrow(Pattern({"source": [test]}), SNS_MESSAGE_ATTRIBUTES)
    assert narrowed.pattern == {"source": [carried]}
    assert not narrowed.exact
    assert body({"source": [test]}).exact


@pytest.mark.parametrize("dialect", [EVENTBRIDGE_RULE, SNS_MESSAGE_BODY, SNS_MESSAGE_ATTRIBUTES])
def test_a_pattern_of_many_alternatives_is_narrowed_in_time(dialect: Dialect) -> None:
    alternatives = [{f"x{number}": [number], "y": [number]} for number in range(500)]
    fields = {f"f{number}": [number] for number in range(20)}
    narrowed = narrow(Pattern({"detail": {**fields, "$or": alternatives}}), dialect)
    assert not narrowed.exact


def test_a_narrowed_pattern_is_told_as_json() -> None:
    narrowed = body({"a": [{"wildcard": "x*y"}]})
    assert narrowed.to_json() == '{"a":[{"prefix":"x"}]}'
    told = json.loads(json.dumps(narrowed.to_dict()))
    assert told["exact"] is False
    assert told["left_out"][0]["pointer"] == "/a/0"
    assert str(narrowed.left_out[0]).startswith('/a/0: {"wildcard":"x*y"} became {"prefix":"x"}')


def test_what_a_pattern_is_made_of_is_narrowed_as_well() -> None:
    source = {"source": ["shop"], "a": [{"wildcard": "x*y"}]}
    for given in (source, json.dumps(source), json.dumps(source).encode()):
        assert narrow(given, SNS_MESSAGE_BODY) == narrow(Pattern(source), SNS_MESSAGE_BODY)


def test_what_is_no_pattern_is_refused() -> None:
    with pytest.raises(PatternError, match="at /source"):
        narrow({"source": "shop"}, SNS_MESSAGE_BODY)


def test_what_is_no_dialect_is_refused() -> None:
    name: Any = "MessageBody"
    with pytest.raises(DeclarationError, match="a dialect is a Dialect such as SNS_MESSAGE_BODY"):
        narrow(Pattern({"a": [1]}), name)


def test_a_scope_that_does_not_exist_is_refused() -> None:
    scope: Any = "MessageBdy"
    with pytest.raises(DeclarationError, match="is one of 'EventBridgeRule', 'MessageBody'"):
        replace(SNS_MESSAGE_BODY, scope=scope)
