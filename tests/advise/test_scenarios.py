"""Applications whose bill was worked out by hand. A month has 2,592,000 seconds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from eventroute.advise import advise
from eventroute.pattern import Pattern
from eventroute.targets import SnsTopic
from eventroute.topology import Route, Subscription, Topology
from examples.shop.app import bus

from .kit import PLACED, ask, cannot, lines, load, topology, usd

CONSUMERS = {"inventory.reserve", "billing.invoice", "shipping.dispatch"}


def shop() -> Topology:
    """The example shop: those who take every order that was placed."""
    every = [one.subscription for one in bus.subscribers]
    return Topology(tuple(one for one in every if one.name in CONSUMERS))


def test_one_event_type_and_three_consumers_at_a_high_rate_belong_on_sns() -> None:
    found = ask(shop(), "1000/s", "2KB", workers=4)
    # 1,000 x 2,592,000 = 2,592,000,000 events; 3 consumers are 7,776,000,000 deliveries.
    assert lines(found, "sns") == [
        "2,592,000,000 events / 10 a request x 1 unit x $0.50/M = $129.60",
        # 7,776,000,000 x 2,048 = 15,925,248,000,000 bytes; 15,925.248 x 0.09 = 1,433.27232
        "7,776,000,000 messages x 2,048 bytes x $0.09/GB = $1,433.27",
        "7,776,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $311.04",
        "7,776,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $311.04",
        # 2,592,000 s / 5 s = 518,400; with the queue of delayed events,
        # 4 x 4 x 518,400 = 8,294,400; x 0.40 = 3.31776
        "4 queues x 4 workers x 518,400 polls x $0.40/M = $3.32",
    ]
    assert lines(found, "eventbridge") == [
        "2,592,000,000 events x 1 unit x $1.00/M = $2,592.00",
        "7,776,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $311.04",
        "7,776,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $311.04",
        "4 queues x 4 workers x 518,400 polls x $0.40/M = $3.32",
    ]
    assert found["sns"].monthly == usd("2188.27")
    assert found["eventbridge"].monthly == usd("3217.40")
    assert found.recommendation.backend == "sns"
    assert found.recommendation.otherwise == "eventbridge"
    assert found.recommendation.reasons[0] == (
        "sns costs $2,188.27 a month and eventbridge $3,217.40: $1,029.13 less"
    )


def test_events_that_travel_alone_cost_ten_times_the_requests() -> None:
    found = ask(shop(), "1000/s", "2KB", workers=4)
    # 1,296.00 to publish, 1,433.27 for filters, 3,110.40 twice, 3.32 for polls
    assert found["sns"].one_by_one == usd("8953.39")
    # 2,592.00, which batches do not change, 3,110.40 twice, 3.32
    assert found["eventbridge"].one_by_one == usd("8816.12")
    assert found.recommendation.reasons[1] == (
        "that takes requests that are full: one by one, sns costs $8,953.39, and eventbridge "
        "$8,816.12"
    )


def test_many_types_with_content_rules_and_events_of_aws_belong_on_eventbridge() -> None:
    found = ask(
        topology(
            thumbnails={"source": ["aws.s3"], "detail-type": ["Object Created"]},
            fraud={**PLACED, "detail": {"coupon": [{"anything-but": {"suffix": "-staff"}}]}},
            stock={
                "source": ["shop.stock"],
                "detail-type": ["Low"],
                "detail": {"sku": [{"wildcard": "KR-*-XL"}]},
            },
            mail={"source": ["shop.users"], "detail-type": ["Registered"]},
        ),
        "400/s",
        workers=3,
    )
    # 400 x 2,592,000 = 1,036,800,000 events; a quarter of each type, one type is AWS's.
    assert lines(found, "eventbridge") == [
        "777,600,000 events x 1 unit x $1.00/M = $777.60",
        "259,200,000 events x 1 unit x $1.00/M = $259.20",
        "1,036,800,000 deliveries / 10 a request x 1 unit x $0.40/M = $41.47",
        "1,036,800,000 deliveries / 10 a request x 1 unit x $0.40/M = $41.47",
        "5 queues x 3 workers x 518,400 polls x $0.40/M = $3.11",
    ]
    assert found["eventbridge"].monthly == usd("1122.85")
    assert found.recommendation.backend == "eventbridge"
    (refused,) = cannot(found, "sns")
    assert refused == (
        "thumbnails: gets no events of aws.s3: services of AWS publish to EventBridge only; "
        "forward them from the default bus, or choose eventbridge"
    )
    left_out = {
        one.subscription: [omission.what for omission in one.left_out]
        for one in found["sns"].deliveries
        if one.left_out
    }
    assert left_out == {
        "fraud": ['{"anything-but":{"suffix":"-staff"}} became {"exists":true}'],
        "stock": ['{"wildcard":"KR-*-XL"} became {"prefix":"KR-"}'],
    }
    assert not any(one.left_out for one in found["eventbridge"].deliveries)


def test_an_order_belongs_on_fifo_topics_and_eventbridge_is_refused() -> None:
    moved = {"source": ["shop.orders"], "detail-type": ["OrderMoved"]}
    show = Subscription("timeline.show", Pattern(moved), ordered_by="order_id")
    found = ask(Topology((show,)), "100/s", workers=2)
    # 259,200,000 events of 1,024 bytes are 265.4208 GB.
    assert lines(found, "sns") == [
        "259,200,000 events / 10 a request x 1 unit x $0.30/M = $7.78",
        "259,200,000 messages x 1,024 bytes x $0.017/GB = $4.51",
        "259,200,000 messages x $0.01/M = $2.59",
        "259,200,000 messages x 1,024 bytes x $0.001/GB = $0.27",
        "259,200,000 messages x 1,024 bytes x $0.09/GB = $23.89",
        "1 queue x 2 workers x 518,400 polls x $0.40/M = $0.41",
        "259,200,000 deliveries / 10 a request x 1 unit x $0.50/M = $12.96",
        "259,200,000 deliveries / 10 a request x 1 unit x $0.50/M = $12.96",
        "1 queue x 2 workers x 518,400 polls x $0.50/M = $0.52",
    ]
    assert found["sns"].monthly == usd("65.89")
    assert found.recommendation.backend == "sns"
    assert found.recommendation.otherwise is None
    (refused,) = cannot(found, "eventbridge")
    assert refused == (
        "timeline.show: is ordered by 'order_id': rules of EventBridge keep no order; choose sns, "
        "or leave ordered_by out"
    )


def test_a_tiny_rate_and_one_worker_need_no_cloud() -> None:
    found = ask(PLACED, "1/min")
    assert found.recommendation.backend == "sqlite"
    assert found.recommendation.otherwise == "sns"
    assert found["sqlite"].monthly == 0
    # 43,200 events are 4,320 requests, far below a cent; the polls of one worker are 0.41472.
    assert found["sns"].monthly == usd("0.41")


def test_a_tiny_rate_and_several_workers_may_be_on_several_machines() -> None:
    found = ask(PLACED, "1/min", workers=2)
    assert found.recommendation.backend == "sns"
    assert found.recommendation.reasons[-1] == (
        "sqlite would do if all 2 workers shared one machine"
    )


def test_large_payloads_belong_on_eventbridge() -> None:
    rendered = {"source": ["media"], "detail-type": ["Rendered"]}
    found = ask(rendered, "1M/day", "300KB", workers=2)
    # 307,200 bytes are 5 units of 65,536; 3 fit into a request of 1 MiB, 921,600 bytes, 15 units.
    assert lines(found, "eventbridge") == [
        "30,000,000 events x 5 units x $1.00/M = $150.00",
        "30,000,000 deliveries / 3 a request x 15 units x $0.40/M = $60.00",
        "30,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.20",
        "2 queues x 2 workers x 518,400 polls x $0.40/M = $0.83",
    ]
    # SNS takes no message of that size: its payload goes to S3, 9,216 GB a month for 18 days.
    assert lines(found, "sns") == [
        "30,000,000 events / 10 a request x 1 unit x $0.50/M = $1.50",
        "30,000,000 events x 1 unit x $5.00/M = $150.00",
        "30,000,000 events x 307,200 bytes x 18 / 30 days x $0.023/GB-month = $127.18",
        "30,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.20",
        "30,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.20",
        "2 queues x 2 workers x 518,400 polls x $0.40/M = $0.83",
        "30,000,000 deliveries x 1 unit x $0.40/M = $12.00",
    ]
    assert found["eventbridge"].monthly == usd("212.03")
    assert found["sns"].monthly == usd("293.91")
    assert found.recommendation.backend == "eventbridge"


def test_events_that_no_service_takes_cost_the_same_s3_on_both() -> None:
    found = ask({**PLACED, "detail": {"id": ["1"]}}, "1M/day", "1000000", workers=2)
    # 1,000,000 bytes are over 997,952; 1,024 travel, and 30,000 GB a month are kept for 18 days.
    assert lines(found, "eventbridge") == [
        "30,000,000 events x 1 unit x $1.00/M = $30.00",
        "30,000,000 events x 1 unit x $5.00/M = $150.00",
        "30,000,000 events x 1,000,000 bytes x 18 / 30 days x $0.023/GB-month = $414.00",
        "30,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.20",
        "30,000,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.20",
        "2 queues x 2 workers x 518,400 polls x $0.40/M = $0.83",
        "30,000,000 deliveries x 1 unit x $0.40/M = $12.00",
    ]
    told = [str(gap) for gap in found["eventbridge"].gaps if gap.kind == "costs"]
    assert told[0] == (
        "an event of 1,000,000 bytes is no entry of a request to EventBridge: 997,952 bytes are "
        "the most; set eventbridge.claim_check; the bill has S3, and rules do not test detail"
    )
    assert told[1].startswith("one: its rule leaves out 1 of its tests: ")


def test_more_filter_policies_than_a_topic_takes_rule_sns_out() -> None:
    tenants = [f"t{number}" for number in range(201)]
    patterns = {name: {"source": ["shop.orders"], "detail": {"tenant": [name]}} for name in tenants}
    shares = dict.fromkeys(tenants, Fraction(1, 201))
    found = advise(topology(**patterns), load("10/s", workers=2), shares=shares)
    assert not found["sns"].fits
    assert found.recommendation.backend == "eventbridge"
    assert (
        "sns is out: filter policies of one topic of shop.orders: 201 of 200; publish under "
        "several sources, or ask AWS for a higher quota"
    ) in found.recommendation.reasons
    # 25,920,000 / 201 = 128,955.22, so 201 x 128,955 = 25,919,955 deliveries
    assert lines(found, "eventbridge") == [
        "25,920,000 events x 1 unit x $1.00/M = $25.92",
        "25,919,955 deliveries / 10 a request x 1 unit x $0.40/M = $1.04",
        "25,919,955 deliveries / 10 a request x 1 unit x $0.40/M = $1.04",
        "202 queues x 2 workers x 518,400 polls x $0.40/M = $83.77",
    ]


def test_an_order_and_events_of_aws_together_are_for_both_services() -> None:
    first = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    second = Subscription("files", Pattern({"source": ["aws.s3"]}))
    found = ask(Topology((first, second)), "20/s", workers=2)
    # 51,840,000 events, half of them of S3; 25,920,000 of 1,024 bytes are 26.54208 GB.
    assert lines(found, "aws") == [
        "25,920,000 events / 10 a request x 1 unit x $0.30/M = $0.78",
        "25,920,000 messages x 1,024 bytes x $0.017/GB = $0.45",
        "25,920,000 messages x $0.01/M = $0.26",
        "25,920,000 messages x 1,024 bytes x $0.001/GB = $0.03",
        "1 queue x 2 workers x 518,400 polls x $0.40/M = $0.41",
        "25,920,000 deliveries / 10 a request x 1 unit x $0.50/M = $1.30",
        "25,920,000 deliveries / 10 a request x 1 unit x $0.50/M = $1.30",
        "1 queue x 2 workers x 518,400 polls x $0.50/M = $0.52",
        "25,920,000 events x 1 unit x $1.00/M = $25.92",
        "25,920,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.04",
        "25,920,000 deliveries / 10 a request x 1 unit x $0.40/M = $1.04",
        "1 queue x 2 workers x 518,400 polls x $0.40/M = $0.41",
    ]
    assert found["aws"].monthly == usd("33.46")
    assert found.recommendation.backend == "aws"
    assert found.recommendation.reasons[0] == (
        "neither SNS nor EventBridge does all of it; the backend aws does, with each source on one "
        "of them, for $33.46 a month: SNS carries shop"
    )
    told = " ".join(found.recommendation.reasons)
    assert "sns is out: files: gets no events of aws.s3" in told
    assert "eventbridge is out: steps: is ordered by 'id'" in told


def test_sources_that_may_be_on_either_service_are_where_they_cost_less() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    foreign = Subscription("files", Pattern({"source": ["aws.s3"]}))
    whole = Subscription("stats", Pattern({"source": ["stats"]}))
    # A million events are 0.05 on SNS, in tens, and 1.00 on EventBridge.
    few = ask(Topology((ordered, foreign, whole)), "100/s", workers=2)
    assert few["aws"].gaps[0].what == "SNS carries shop, stats"
    # Twelve filters on the body scan 12 x 1.024 GB, 12 x 0.09216 = 1.10592 a million.
    tests = Pattern({"source": ["stats"], "detail": {"kind": ["a"]}})
    filtered = [Subscription(f"s{number}", tests) for number in range(12)]
    many = ask(Topology((ordered, foreign, *filtered)), "100/s", workers=2)
    assert many["aws"].gaps[0].what == "SNS carries shop"


def test_an_order_and_a_route_of_another_source_are_for_both_services() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    topic = SnsTopic("arn:aws:sns:eu-west-1:111122223333:alarms")
    route = Route("alarms", Pattern({"source": ["stock"]}), topic)
    found = ask(Topology((ordered,), (route,)), "100/s", workers=2)
    assert found.recommendation.backend == "aws"
    of_one = replace(route, pattern=ordered.pattern)
    assert ask(Topology((ordered,), (of_one,)), "100/s").recommendation.backend is None


def test_a_queue_that_both_services_feed_is_polled_once() -> None:
    ordered = Subscription("steps", Pattern({"source": ["shop"]}), ordered_by="id")
    mixed = Subscription("log", Pattern({"source": ["shop", "aws.s3"]}))
    found = ask(Topology((ordered, mixed)), "20/s", workers=2)
    assert found["aws"].fits
    # half of the events are of S3: log gets all of them, steps its half
    assert [one.delivered for one in found["aws"].deliveries] == [25_920_000, 51_840_000]
    polls = [line for line in lines(found, "aws") if "polls" in line]
    assert polls == [
        "2 queues x 2 workers x 518,400 polls x $0.40/M = $0.83",
        "1 queue x 2 workers x 518,400 polls x $0.50/M = $0.52",
    ]


def test_an_order_of_events_of_aws_fits_nowhere() -> None:
    known = Subscription("steps", Pattern({"source": ["shop", "aws.s3"]}), ordered_by="id")
    found = ask(Topology((known,)), "10/s", workers=2)
    assert not found["aws"].fits
    assert found.recommendation.backend is None


def test_the_whole_shop_stays_on_sns_for_its_timeline() -> None:
    every = Topology(tuple(one.subscription for one in bus.subscribers))
    found = ask(every, "1000/s", "2KB")
    assert found.recommendation.backend == "sns"
    assert [gap.subscription for gap in found["eventbridge"].gaps if gap.kind == "cannot"] == [
        "timeline.show"
    ]
