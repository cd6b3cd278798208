"""Routes, whose events only EventBridge hands to a target by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eventroute.advise import Sample, advise
from eventroute.clock import SystemClock
from eventroute.pattern import Pattern
from eventroute.plugins import load_adapter_factory
from eventroute.targets import SnsTopic
from eventroute.topology import Route, Subscription, Topology

from .kit import PLACED, cannot, lines, load

if TYPE_CHECKING:
    from pathlib import Path

ALARMS = SnsTopic("arn:aws:sns:eu-west-1:111122223333:alarms")
LARGE = {**PLACED, "detail": {"total": [{"numeric": [">=", 1000]}]}}


def route(pattern: dict[str, Any]) -> Route:
    return Route("alarms", Pattern(pattern), ALARMS)


BOTH = Topology((Subscription("one", Pattern(PLACED)),), (route(LARGE),))


def test_a_route_rules_every_backend_without_targets_out() -> None:
    found = advise(BOTH, load("500/s", "2KB", workers=4))
    for backend in ("sqlite", "sns"):
        assert cannot(found, backend)[-1] == (
            "alarms: leads to a sns-topic: only EventBridge delivers to targets by itself; choose "
            "eventbridge, or subscribe a handler that calls the target"
        )
    assert found.recommendation.backend == "eventbridge"


@pytest.mark.parametrize("backend", ["sqlite", "sns"])
def test_these_backends_have_no_targets(backend: str, tmp_path: Path) -> None:
    options = {"path": str(tmp_path / "bus.db")} if backend == "sqlite" else {}
    assert not load_adapter_factory(backend)(options, SystemClock()).capabilities.targets


def test_a_route_has_a_rule_and_invocations_and_no_queue() -> None:
    found = advise(BOTH, load("100/s"), shares={"alarms": 0.25})
    quotas = {usage.quota: usage for usage in found["eventbridge"].quotas}
    assert quotas["eventbridge_rules"].used == 2
    assert quotas["eventbridge_invocations"].used == 125  # 100 for the queue, a quarter of it here
    assert quotas["eventbridge_pattern"].where == "alarms"
    assert "2 queues x 1 worker" in lines(found, "eventbridge")[-1]


def test_what_a_target_is_given_is_among_the_deliveries() -> None:
    found = advise(BOTH, load("1/s"), shares={"alarms": 0.25})
    (_, given) = found["eventbridge"].deliveries
    assert (given.subscription, given.matched, given.delivered) == ("alarms", 648_000, 648_000)


def test_a_route_whose_rule_cannot_say_it_all_is_refused_by_eventbridge() -> None:
    skus = [f"{number:04}" for number in range(400)]
    found = advise(Topology((), (route({"detail": {"sku": skus}}),)), load("1/s"))
    (refused,) = cannot(found, "eventbridge")
    assert refused.startswith("alarms: is a route whose rule would leave out 1 of its tests: at ")
    assert found.recommendation.backend is None


def test_a_sample_counts_for_routes_too() -> None:
    sample = Sample(BOTH)
    for total in (1, 2, 3, 1000):
        envelope = {"source": "shop.orders", "detail-type": "OrderPlaced"}
        sample.add({**envelope, "detail": {"total": total}}, 9)
    found = advise(BOTH, load("1/s"), sample=sample)
    assert [one.matched for one in found["eventbridge"].deliveries] == [2_592_000, 648_000]


def test_a_route_would_hand_on_events_whose_detail_is_in_s3() -> None:
    (refused,) = cannot(advise(BOTH, load("1/s", "1000000")), "eventbridge")
    assert refused == (
        "alarms: hands events of 1,000,000 bytes to a sns-topic: their detail would be in S3; "
        "publish less, or subscribe a handler that calls the target"
    )
