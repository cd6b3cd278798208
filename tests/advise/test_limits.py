"""Quotas, and what a backend cannot do for these subscriptions."""

from __future__ import annotations

from decimal import Decimal

from eventroute.advise import Advice, Usage, advise
from eventroute.advise.report import Backend
from eventroute.advise.tables import limits
from eventroute.clock import SystemClock
from eventroute.pattern import Pattern
from eventroute.plugins import load_adapter_factory
from eventroute.topology import Subscription, Topology

from .kit import PLACED, ask, cannot, load, topology

SERVICES: tuple[Backend, ...] = ("sns", "eventbridge")


def used(advice: Advice, backend: Backend, quota: str) -> Usage:
    return next(usage for usage in advice[backend].quotas if usage.quota == quota)


def test_quotas_are_for_the_peak() -> None:
    found = ask(PLACED, "100/s", peak=Decimal(20_000))
    assert used(found, "sns", "sns_publish").used == 20_000
    assert not used(found, "sns", "sns_publish").exceeded
    assert used(found, "eventbridge", "eventbridge_publish").exceeded
    assert found.recommendation.backend == "sns"


def test_headroom_is_what_is_left_of_a_quota() -> None:
    usage = used(ask(PLACED, "3000/s"), "sns", "sns_publish")
    assert usage.to_dict()["headroom"] == 0.9
    over = used(ask(PLACED, "60000/s"), "sns", "sns_publish")
    assert over.to_dict()["headroom"] == 0
    assert over.exceeded


def test_invocations_over_their_quota_are_late_and_not_refused() -> None:
    every = topology(**{f"s{number}": PLACED for number in range(10)})
    found = ask(every, "5000/s")
    usage = used(found, "eventbridge", "eventbridge_invocations")
    assert usage.used == 50_000
    assert not usage.exceeded
    assert found["eventbridge"].fits


def test_three_hundred_rules_fit_on_a_bus_and_one_more_does_not() -> None:
    rules = {f"s{number}": {"source": [f"s{number}"]} for number in range(301)}
    assert not ask(topology(**rules), "1/s")["eventbridge"].fits
    del rules["s0"]
    assert ask(topology(**rules), "1/s")["eventbridge"].fits


def test_a_rule_that_is_too_long_is_narrowed_and_that_is_told() -> None:
    names = [f"{number:04}" for number in range(400)]
    found = ask({**PLACED, "detail": {"sku": names}}, "1/s")
    assert used(found, "eventbridge", "eventbridge_pattern").used <= 2_048
    told = [str(gap) for gap in found["eventbridge"].gaps if gap.kind == "costs"]
    assert told[0].startswith("one: its rule leaves out ")


def test_policies_on_attributes_count_as_those_on_the_body() -> None:
    two = topology(one=PLACED, two=PLACED)
    for size in ("1KB", "300KB"):  # which takes attributes
        found = ask(two, "1/s", size)
        assert used(found, "sns", "sns_filters_of_topic").used == 2
        assert used(found, "sns", "sns_filters_of_account").used == 2


def test_invocations_are_of_what_a_rule_lets_through() -> None:
    names = [f"{number:04}" for number in range(400)]
    known = topology(one={**PLACED, "detail": {"sku": names}})
    found = advise(known, load("100/s"), shares={"one": 0.25})
    assert used(found, "eventbridge", "eventbridge_invocations").used == 100


def test_a_fifo_topic_takes_a_hundred_subscriptions() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    others = [Subscription(f"s{n}", Pattern({"source": ["shop"]})) for n in range(100)]
    found = advise(Topology((ordered, *others)), load("1/s"))
    assert used(found, "sns", "sns_subscriptions_of_fifo").exceeded
    assert not found["sns"].fits


def test_an_ordering_key_has_a_rate_of_its_own() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    found = advise(Topology((ordered,)), load("1000/s"))
    notes = [str(gap) for gap in found["sns"].gaps if gap.kind == "note"]
    assert notes[0] == (
        "shop becomes a FIFO topic: one ordering key carries 300 events a second; the peak needs "
        "4 keys at once, or more"
    )


def test_an_order_without_a_source_is_refused_by_sns() -> None:
    ordered = Subscription("steps", Pattern({"detail-type": ["Moved"]}), ordered_by="id")
    found = advise(Topology((ordered,)), load("1/s"))
    assert "steps: is ordered by 'id' and names no source" in cannot(found, "sns")[0]


def test_two_orders_of_one_source_are_refused_by_sns() -> None:
    pattern = Pattern({"source": ["shop"]})
    first = Subscription("first", pattern, ordered_by="id")
    second = Subscription("second", pattern, ordered_by="customer")
    found = advise(Topology((first, second)), load("1/s"))
    (refused,) = cannot(found, "sns")
    assert refused == (
        "second: orders events of shop by 'customer': first orders them by 'id', and a message "
        "has one ordering key; order both by the same member, or publish under two sources"
    )


def test_a_visibility_timeout_over_twelve_hours_is_refused_by_both() -> None:
    slow = Subscription("slow", Pattern(PLACED), visibility_timeout=50_000)
    found = advise(Topology((slow,)), load("1/s", workers=2))
    for backend in ("sns", "eventbridge"):
        assert "slow: hides events for 50000 s" in cannot(found, backend)[0]


def test_both_services_delay_events_and_have_the_same_limit() -> None:
    found = ask(PLACED, "1/s")
    for backend in SERVICES:
        adapter = load_adapter_factory(backend)({}, SystemClock())
        assert adapter.capabilities.max_publish_delay == 15 * 60
        assert (
            "an event that is published with a delay: it waits up to 15 minutes in a queue, and "
            "longer in EventBridge Scheduler, which bills it; longer delays take scheduler_role"
        ) in [str(gap) for gap in found[backend].gaps]


def test_a_quota_that_cannot_be_used_up_is_not_told() -> None:
    found = advise(topology(one=PLACED, two=PLACED), load("1/s"))
    told = {usage.quota for usage in found["eventbridge"].quotas}
    assert "eventbridge_targets" not in told | set(limits().quotas)  # a rule has one, always


def test_memory_is_never_recommended_and_says_why() -> None:
    found = ask(PLACED, "1/day", workers=2)
    assert [gap.split(":")[0] for gap in cannot(found, "memory")] == [
        "keeps no event when its process ends",
        "has no 2 workers",
    ]


def test_a_rate_over_what_a_disk_takes_one_by_one_is_not_for_sqlite() -> None:
    assert ask(PLACED, "100/s").recommendation.backend == "sqlite"
    assert ask(PLACED, "101/s").recommendation.backend == "sns"
