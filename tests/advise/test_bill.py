"""What AWS bills for requests, payloads and polls."""

from __future__ import annotations

import pytest

from eventroute.advise.bill import Packing
from eventroute.pattern import Pattern
from eventroute.topology import Subscription, Topology

from .kit import PLACED, ask, lines, topology, usd


@pytest.mark.parametrize(
    ("size", "most_bytes", "events", "units"),
    [
        (1, 262_144, 10, 1),
        (6_553, 262_144, 10, 1),  # ten are 65,530 bytes
        (6_554, 262_144, 10, 2),  # ten are 65,540, and 64 KB are 65,536
        (60 * 1024, 262_144, 4, 4),  # five would be 300 KB
        (65_537, 262_144, 3, 4),
        (200_000, 262_144, 1, 4),
        (1_048_576, 1_048_576, 1, 16),
    ],
)
def test_a_request_holds_what_fits_and_is_billed_by_64_kb(
    size: int, most_bytes: int, events: int, units: int
) -> None:
    assert Packing.of(size, batch=10, most_bytes=most_bytes) == Packing(events, units)


def test_eventbridge_bills_each_64_kb_of_an_event_however_they_travel() -> None:
    for batch in (1, 10):
        (first, *_) = lines(ask(PLACED, "1/s", "65KB", batch=batch), "eventbridge")
        assert first == "2,592,000 events x 2 units x $1.00/M = $5.18"


def test_a_batch_of_ten_is_a_tenth_of_the_requests() -> None:
    found = ask(PLACED, "10/s")
    for backend in ("sns", "eventbridge"):
        assert found[backend].calls("publish") == 2_592_000
        assert found[backend].calls("receive") == 2_592_000
        assert found[backend].calls("delete") == 2_592_000


def test_a_request_to_sns_holds_256_kb() -> None:
    (first, *_) = lines(ask(PLACED, "1/s", "60KB"), "sns")
    # four are 240 KB, and 648,000 requests of four units each are 2,592,000 x 0.50 = 1.296
    assert first == "2,592,000 events / 4 a request x 4 units x $0.50/M = $1.30"


def test_an_idle_bus_pays_for_its_polls_alone() -> None:
    found = ask(topology(one=PLACED, two=PLACED), "0/s", workers=3, poll_wait=20)
    # Two queues, and that of delayed events: 2,592,000 / 20 = 129,600;
    # 3 x 3 x 129,600 = 1,166,400; x 0.40 / 1,000,000 = 0.46656
    expected = ["3 queues x 3 workers x 129,600 polls x $0.40/M = $0.47"]
    assert lines(found, "sns") == lines(found, "eventbridge") == expected


def test_free_tiers_are_taken_off_only_on_request() -> None:
    asked, plain = (ask(PLACED, "10/s", free_tier=free) for free in (True, False))
    # 2,592,000 requests to SNS, one million of them free: 1,592,000 x 0.50 = 0.796
    assert lines(asked, "sns")[0] == (
        "(25,920,000 events / 10 a request x 1 unit - 1,000,000 free) x $0.50/M = $0.80"
    )
    # of SQS one million as well, of all lines together
    assert plain["sns"].monthly - asked["sns"].monthly == usd("0.90")
    assert plain["eventbridge"].monthly - asked["eventbridge"].monthly == usd("0.40")


def test_what_is_free_is_never_more_than_what_was_used() -> None:
    # two queues are polled 2 x 129,600 times
    assert ask(PLACED, "1/day", free_tier=True, poll_wait=20)["sns"].monthly == 0


def test_a_filter_that_its_topic_implies_is_not_billed() -> None:
    assert not any("GB" in line for line in lines(ask({"source": ["shop"]}, "10/s"), "sns"))


def test_unordered_subscriptions_of_a_fifo_topic_keep_standard_queues() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    free = Subscription("totals", Pattern({"source": ["shop"]}))
    found = ask(Topology((ordered, free)), "1/s")
    # 2,592,000 events to two subscriptions are 5,184,000 messages of the topic.
    assert "5,184,000 messages x $0.01/M = $0.05" in lines(found, "sns")
    assert "2 queues x 1 worker x 518,400 polls x $0.40/M = $0.41" in lines(found, "sns")
    assert "1 queue x 1 worker x 518,400 polls x $0.50/M = $0.26" in lines(found, "sns")


@pytest.mark.parametrize("source", ["aws.s3", "aws.partner/example.com/shop"])
def test_events_that_have_to_be_switched_on_and_those_of_partners_are_billed(source: str) -> None:
    (first, *_) = lines(ask({"source": [source]}, "1M/day"), "eventbridge")
    assert first == "30,000,000 events x 1 unit x $1.00/M = $30.00"


def test_what_services_tell_of_themselves_is_free() -> None:
    (first, *_) = lines(ask({"source": ["aws.ec2"]}, "1M/day"), "eventbridge")
    assert first == "30,000,000 events x 1 unit x $0.00/M = $0.00"


def test_the_queue_of_delayed_events_is_polled_too_and_that_is_said() -> None:
    found = ask(PLACED, "1/s", workers=4)
    for backend in ("sns", "eventbridge"):
        # 2 x 4 x 518,400 = 4,147,200; x 0.40 / 1,000,000 = 1.65888
        assert lines(found, backend)[-1] == "2 queues x 4 workers x 518,400 polls x $0.40/M = $1.66"
    assert any("one more for delayed events" in told for told in found.assumptions)
