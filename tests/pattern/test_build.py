from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from eventroute import Router, event
from eventroute.errors import PatternError
from eventroute.pattern import Pattern
from eventroute.pattern.build import (
    Tests,
    absent,
    any_of,
    anything_but,
    at_least,
    at_most,
    between,
    either,
    exists,
    ignoring_case,
    in_network,
    less_than,
    more_than,
    prefix,
    suffix,
    wildcard,
)


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    total: Decimal
    country: str


WRITTEN: list[tuple[Tests, list[Any]]] = [
    (any_of("KR", 5, True, None), ["KR", 5, True, None]),
    (any_of(Decimal("2.50"), Decimal(3)), [2.5, 3]),
    (prefix("KR"), [{"prefix": "KR"}]),
    (prefix("a", "b"), [{"prefix": "a"}, {"prefix": "b"}]),
    (prefix("kr", ignore_case=True), [{"prefix": {"equals-ignore-case": "kr"}}]),
    (suffix(".png"), [{"suffix": ".png"}]),
    (suffix(".png", ignore_case=True), [{"suffix": {"equals-ignore-case": ".png"}}]),
    (ignoring_case("kr"), [{"equals-ignore-case": "kr"}]),
    (wildcard("*/x"), [{"wildcard": "*/x"}]),
    (in_network("10.0.0.0/8"), [{"cidr": "10.0.0.0/8"}]),
    (at_least(1000), [{"numeric": [">=", 1000]}]),
    (at_least(Decimal("0.1")), [{"numeric": [">=", 0.1]}]),
    (more_than(0), [{"numeric": [">", 0]}]),
    (at_most(9), [{"numeric": ["<=", 9]}]),
    (less_than(9.5), [{"numeric": ["<", 9.5]}]),
    (between(0, 9), [{"numeric": [">=", 0, "<=", 9]}]),
    (between(0, 9, include_low=False), [{"numeric": [">", 0, "<=", 9]}]),
    (between(0, 9, include_high=False), [{"numeric": [">=", 0, "<", 9]}]),
    (anything_but("a", "b"), [{"anything-but": ["a", "b"]}]),
    (anything_but(1, Decimal(2)), [{"anything-but": [1, 2]}]),
    (anything_but(prefix("t-", "u-")), [{"anything-but": {"prefix": ["t-", "u-"]}}]),
    (anything_but(wildcard("*/x/*")), [{"anything-but": {"wildcard": ["*/x/*"]}}]),
    (exists(), [{"exists": True}]),
    (absent(), [{"exists": False}]),
    (any_of("KR") + prefix("J"), ["KR", {"prefix": "J"}]),
]


@pytest.mark.parametrize(("built", "written"), WRITTEN)
def test_builders_write_plain_tests(built: Tests, written: list[Any]) -> None:
    assert built == written
    assert Pattern({"a": built}) == Pattern({"a": written})


def test_a_bound_may_be_left_out() -> None:
    pattern = Pattern({"a": between(0, 1, include_high=False)})
    assert pattern.matches({"a": 0})
    assert not pattern.matches({"a": 1})


def test_either_is_a_pattern() -> None:
    pattern = Pattern({**either({"a": any_of(1)}, {"b": absent()}), "c": exists()})
    assert pattern.matches({"a": 1, "b": 2, "c": 3})
    assert pattern.matches({"a": 2, "c": 3})
    assert not pattern.matches({"a": 2, "b": 2, "c": 3})


def test_a_subscription_takes_what_the_builders_write() -> None:
    router = Router("billing")

    @router.subscribe(OrderPlaced, where={"total": at_least(1000), "country": any_of("KR", "JP")})
    def review(order: OrderPlaced) -> None: ...

    (subscriber,) = router.subscribers
    assert subscriber.subscription.pattern == Pattern(
        {
            "source": ["shop.orders"],
            "detail-type": ["OrderPlaced"],
            "detail": {"total": [{"numeric": [">=", 1000]}], "country": ["KR", "JP"]},
        }
    )


def test_a_list_that_would_match_nothing_is_refused() -> None:
    for builder in (any_of, prefix, suffix, ignoring_case, wildcard, in_network, anything_but):
        with pytest.raises(PatternError):
            builder()


def test_a_wrong_operand_is_refused_at_once() -> None:
    with pytest.raises(PatternError, match="'prefix' takes a string"):
        prefix(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(PatternError, match="compares with a number, not a boolean"):
        at_least(True)
    with pytest.raises(PatternError, match="first bound must be the smaller"):
        between(9, 0)
    with pytest.raises(PatternError, match="no block of addresses"):
        in_network("10.0.0.0")
    with pytest.raises(PatternError, match="two stars"):
        wildcard("a**b")
    with pytest.raises(PatternError, match="not fit a double"):
        at_most(float("nan"))


def test_an_error_points_to_the_operand() -> None:
    with pytest.raises(PatternError) as caught:
        wildcard("ok", "a**b")
    assert caught.value.pointer == "/1/wildcard"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1E+400", "0.12345678901234567890"])
def test_a_decimal_that_json_would_change_is_refused(number: str) -> None:
    with pytest.raises(PatternError, match="keeps all digits"):
        at_least(Decimal(number))


def test_anything_but_excludes_one_kind_of_test() -> None:
    with pytest.raises(PatternError, match="nests exactly one"):
        anything_but(prefix("a") + suffix("b"))
    with pytest.raises(PatternError, match="nests exactly one"):
        anything_but(at_least(5))
    with pytest.raises(PatternError, match="itself"):
        anything_but(any_of("a"))
    with pytest.raises(PatternError, match="not both"):
        anything_but("a", 5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_either_takes_two_patterns_or_more() -> None:
    with pytest.raises(PatternError, match="at least two"):
        either({"a": any_of(1)})
    with pytest.raises(PatternError, match="these are operators"):
        either({"prefix": "a"}, {"suffix": "b"})
    with pytest.raises(PatternError, match="put it into a list"):
        either({"a": 1}, {"b": any_of(1)})
