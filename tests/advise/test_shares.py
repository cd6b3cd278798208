"""How many events a subscription gets: assumed, given, or counted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from eventroute.advise import Advice, Deliveries, Sample, advise
from eventroute.advise.report import Backend
from eventroute.errors import DeclarationError, NameNotFoundError
from eventroute.topology import Topology

from .kit import PLACED, ask, load, topology

EVENTS = 2_592_000
LARGE = {**PLACED, "detail": {"total": [{"numeric": [">=", 1000]}]}}


def one(advice: Advice, name: str, backend: Backend = "sns") -> Deliveries:
    return next(each for each in advice[backend].deliveries if each.subscription == name)


def order(total: float, **more: object) -> dict[str, Any]:
    return {
        "source": "shop.orders",
        "detail-type": "OrderPlaced",
        "detail": {"total": total},
        **more,
    }


def counted(known: Topology, *events: dict[str, Any]) -> Sample:
    sample = Sample(known)
    for event in events:
        sample.add(event, 100)
    return sample


def test_each_event_type_that_is_named_is_taken_to_be_equally_frequent() -> None:
    known = topology(
        placed=PLACED,
        moved={"source": ["shop.orders"], "detail-type": ["OrderMoved"]},
        low={"source": ["shop.stock"], "detail-type": ["Low"]},
        orders={"source": ["shop.orders"]},
        every={"detail": {"id": [{"exists": True}]}},
    )
    found = ask(known, "1/s")
    matched = {each.subscription: each.matched * 3 // EVENTS for each in found["sns"].deliveries}
    assert matched == {"placed": 1, "moved": 1, "low": 1, "orders": 2, "every": 3}
    assert "each of the 3 event types that patterns name is equally frequent" in found.assumptions


def test_a_pattern_without_exact_names_stands_for_a_type_of_its_own() -> None:
    known = topology(placed=PLACED, users={"source": ["shop.users"]})
    assert one(ask(known, "1/s"), "users").matched == EVENTS // 2


def test_a_test_of_detail_is_taken_to_let_everything_through_and_that_is_said() -> None:
    found = ask(topology(review=LARGE), "1/s")
    assert one(found, "review").matched == EVENTS
    assert any("tests of detail let everything through" in told for told in found.assumptions)


def test_a_given_share_counts_where_the_native_filter_is_as_sharp_as_the_pattern() -> None:
    found = advise(topology(review=LARGE), load("1/s"), shares={"review": Fraction(1, 10)})
    review = one(found, "review")
    assert (review.matched, review.delivered) == (259_200, 259_200)
    assert (review.needless, review.saved) == (0, EVENTS - 259_200)
    assert review.origin == "given"


def test_a_given_share_leaves_needless_deliveries_where_the_filter_is_weaker() -> None:
    blunt = {**PLACED, "detail": {"coupon": [{"anything-but": {"suffix": "-staff"}}]}}
    found = advise(topology(fraud=blunt), load("1/s"), shares={"fraud": Fraction(1, 10)})
    assert one(found, "fraud").needless == EVENTS - 259_200
    assert one(found, "fraud", "eventbridge").needless == 0


def test_a_rule_that_is_too_long_leaves_needless_deliveries_on_eventbridge() -> None:
    names = [f"{number:04}" for number in range(400)]
    known = topology(many={**PLACED, "detail": {"sku": names}})
    found = advise(known, load("1/s"), shares={"many": 0.25})
    assert one(found, "many", "eventbridge").needless == EVENTS * 3 // 4


def test_where_prices_are_near_the_sharper_filter_wins() -> None:
    blunt = {**PLACED, "detail": {"coupon": [{"anything-but": {"suffix": "-staff"}}]}}
    found = advise(topology(fraud=blunt), load("1M/month", workers=2), shares={"fraud": 0.25})
    assert found["sns"].monthly < found["eventbridge"].monthly
    assert found.recommendation.backend == "eventbridge"
    assert found.recommendation.reasons[:2] == (
        "sns and eventbridge cost the same to $5.00 a month",
        "eventbridge keeps 750,000 needless deliveries a month away",
    )


def test_where_prices_and_filters_are_near_sns_is_quicker() -> None:
    found = ask(PLACED, "1M/month", workers=2)
    assert found.recommendation.backend == "sns"
    assert found.recommendation.reasons[1].startswith("SNS is quicker (tens of milliseconds)")


def test_a_sample_is_counted_with_the_filters_that_the_brokers_would_have() -> None:
    staff = {**PLACED, "detail": {"coupon": [{"anything-but": {"suffix": "-staff"}}]}}
    known = topology(fraud=staff, review=LARGE)
    sample = counted(
        known,
        order(5, detail={"total": 5, "coupon": "x-staff"}),
        order(5, detail={"total": 5, "coupon": "x"}),
        order(2000, detail={"total": 2000}),
        {"source": "shop.users", "detail-type": "Registered", "detail": {}},
    )
    found = advise(known, load("4/month"), sample=sample)
    fraud, review = one(found, "fraud"), one(found, "review")
    # SNS carries {"exists": true} alone: it delivers both coupons, and one of them in vain.
    assert (fraud.matched, fraud.delivered, fraud.needless, fraud.saved) == (1, 2, 1, 1)
    assert (review.matched, review.delivered, review.saved) == (1, 1, 2)
    assert one(found, "fraud", "eventbridge").delivered == 1
    assert one(found, "fraud", "eventbridge").saved == 3
    assert "shares were counted in a sample of 4 events" in found.assumptions


def test_events_too_large_for_sns_are_filtered_by_attributes_alone() -> None:
    known = topology(review=LARGE)
    sample = counted(known, order(5), order(2000))
    small, large = (
        one(advise(known, load("2/month", size), sample=sample), "review")
        for size in ("1KB", "300KB")
    )
    assert (small.delivered, small.needless) == (1, 0)
    assert (large.delivered, large.needless) == (2, 1)


def test_events_of_aws_come_by_eventbridge_alone() -> None:
    known = topology(files={"source": ["aws.s3"]}, every={"detail-type": [{"exists": True}]})
    made = {"source": "aws.s3", "detail-type": "Object Created", "detail": {}}
    found = advise(known, load("2/month"), sample=counted(known, order(5), made))
    assert one(found, "files").delivered == 0
    assert one(found, "files", "eventbridge").delivered == 1
    assert one(found, "every").delivered == 1
    assert one(found, "every", "eventbridge").delivered == 2


def test_the_size_of_a_sample_is_the_mean_rounded_up() -> None:
    sample = Sample(topology(placed=PLACED))
    sample.add(order(1), 100)
    sample.add(order(2), 101)
    assert sample.mean_size == 101


def test_a_share_of_an_unknown_subscription_is_refused() -> None:
    with pytest.raises(
        NameNotFoundError, match="no subscription or route is named 'two'; there are one"
    ):
        advise(topology(one=PLACED), load("1/s"), shares={"two": Fraction(1)})


@pytest.mark.parametrize("share", [Fraction(2), -0.1, float("nan"), float("inf")])
def test_a_share_out_of_range_is_refused(share: Fraction | float) -> None:
    with pytest.raises(DeclarationError, match="it must be between 0 and 1"):
        advise(topology(one=PLACED), load("1/s"), shares={"one": share})


def test_an_empty_sample_is_refused() -> None:
    known = topology(one=PLACED)
    with pytest.raises(DeclarationError, match="the sample has no event"):
        advise(known, load("1/s"), sample=Sample(known))


def test_a_sample_of_other_subscriptions_is_refused() -> None:
    sample = counted(topology(two=PLACED), order(1))
    with pytest.raises(DeclarationError, match="the sample was counted for other subscriptions"):
        advise(topology(one=PLACED), load("1/s"), sample=sample)


def test_an_application_without_subscriptions_publishes_only() -> None:
    found = ask(Topology(), "1/s")
    assert found["sns"].deliveries == ()
    assert found["eventbridge"].calls("receive") == 0
