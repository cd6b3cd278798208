"""What holds for every application and every load."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eventroute.advise import Advice, Load, Sample, advise
from eventroute.pattern import Pattern
from eventroute.topology import Subscription, Topology

PATTERNS: list[dict[str, Any]] = [
    {"source": ["shop.orders"], "detail-type": ["OrderPlaced"]},
    {"source": ["shop.orders"], "detail-type": [{"prefix": "Order"}], "detail": {"n": [1]}},
    {"source": ["shop.stock", "shop.users"], "detail": {"sku": [{"wildcard": "K*R*X"}]}},
    {"detail-type": ["OrderPlaced"]},
    {"detail": {"n": [{"numeric": [">", 0]}]}},
    {"source": ["aws.s3"], "detail-type": ["Object Created"]},
    {"source": ["shop.users"]},
    {"$or": [{"source": ["shop.users"]}, {"detail-type": ["Low"]}]},
]
topologies = st.lists(
    st.tuples(st.sampled_from(PATTERNS), st.sampled_from([None, None, "id"])),
    min_size=1,
    max_size=5,
).map(
    lambda some: Topology(
        tuple(
            Subscription(f"s{number}", Pattern(pattern), ordered_by=key)
            for number, (pattern, key) in enumerate(some)
        )
    )
)
rates = st.decimals(0, 10**12, places=2)
loads = st.builds(
    Load,
    events=rates,
    size=st.integers(1, 1_048_576),
    workers=st.integers(1, 50),
    batch=st.integers(1, 10),
    poll_wait=st.integers(1, 20),
    free_tier=st.booleans(),
)
events = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["shop.orders", "shop.stock", "shop.users", "aws.s3", "other"]),
        "detail-type": st.sampled_from(["OrderPlaced", "OrderMoved", "Low", "Object Created"]),
        "detail": st.fixed_dictionaries(
            {"n": st.integers(-1, 2), "sku": st.sampled_from(["KRX", "KaRbX", "K", "x"])}
        ),
    }
)
FACTOR = re.compile(r"(?P<number>[\d,]+)(?: [a-z]+)?(?: / (?P<share>\d+) (?P<what>[a-z ]+))?")


def evaluated(arithmetic: str) -> Decimal:
    """Work out what is before the equals sign, as a reader with a calculator would."""
    product, _, price = arithmetic.partition(" = ")[0].rpartition(" x ")
    free = Decimal(0)
    if product.startswith("("):
        product, _, rest = product[1:-1].rpartition(" - ")
        free = Decimal(rest.removesuffix(" free").replace(",", ""))
    total = Decimal(1)
    for text in product.split(" x "):
        factor = FACTOR.fullmatch(text)
        assert factor is not None, text
        number = Decimal(factor["number"].replace(",", ""))
        if factor["what"] == "a request":
            number = Decimal(ceil(number / int(factor["share"])))
        elif factor["share"] is not None:
            number /= int(factor["share"])
        total *= number
    amount, _, unit = price.removeprefix("$").partition("/")
    per = 10**6 if unit == "M" else 10**9
    return ((total - free) * Decimal(amount) / per).quantize(Decimal("0.01"), ROUND_HALF_UP)


def bills(advice: Advice) -> list[tuple[str, Decimal]]:
    return [(line.arithmetic, line.cost) for one in advice.backends for line in one.bill]


@given(topologies, loads)
def test_the_arithmetic_of_a_line_gives_its_cost(topology: Topology, load: Load) -> None:
    for arithmetic, cost in bills(advise(topology, load)):
        assert arithmetic.endswith(f" = ${cost:,.2f}")
        assert evaluated(arithmetic) == cost, arithmetic


@given(topologies, loads, rates)
def test_more_events_never_cost_less(topology: Topology, load: Load, more: Decimal) -> None:
    low, high = (
        advise(topology, replace(load, events=rate)) for rate in (load.events, load.events + more)
    )
    # The fifth is aws, which may split the sources in another way.
    for fewer, many in zip(low.backends[:4], high.backends[:4], strict=True):
        assert fewer.monthly <= many.monthly
        assert fewer.one_by_one <= many.one_by_one


@given(topologies, loads)
def test_requests_that_are_not_full_never_cost_less(topology: Topology, load: Load) -> None:
    for one in advise(topology, load).backends:
        if load.size * 10 <= 65_536:
            assert one.monthly <= one.one_by_one


@given(topologies, loads)
def test_json_says_what_the_advice_says(topology: Topology, load: Load) -> None:
    advice = advise(topology, load)
    document = json.loads(json.dumps(advice.to_dict()))
    assert document["recommendation"]["backend"] == advice.recommendation.backend
    for told, one in zip(document["backends"], advice.backends, strict=True):
        assert Decimal(told["monthly"]) == one.monthly
        assert sum(Decimal(line["cost"]) for line in told["bill"]) == one.monthly
        assert told["fits"] is one.fits


@given(topologies, loads)
def test_what_is_recommended_fits(topology: Topology, load: Load) -> None:
    advice = advise(topology, load)
    chosen = advice.recommendation.backend
    assert chosen != "memory"
    if chosen is not None:
        assert advice[chosen].fits
    else:
        assert not any(one.fits for one in advice.backends if one.backend != "sqlite")


@given(topologies, st.lists(events, min_size=1, max_size=20), st.booleans())
def test_no_filter_keeps_away_what_matches(
    topology: Topology, sent: list[dict[str, Any]], large: bool
) -> None:
    sample = Sample(topology)
    for event in sent:
        sample.add(event, 100)
    load = Load(events=Decimal(len(sent)), size=300_000 if large else 100)
    advice = advise(topology, load, sample=sample)
    for subscription, on_sns, on_bus in zip(
        topology, advice["sns"].deliveries, advice["eventbridge"].deliveries, strict=True
    ):
        matching = [event for event in sent if subscription.pattern.matches(event)]
        own = [event for event in matching if not event["source"].startswith("aws.")]
        assert on_bus.matched == len(matching) <= on_bus.delivered
        assert on_sns.matched == len(own) <= on_sns.delivered
        assert on_bus.delivered + on_bus.saved == len(sent)
