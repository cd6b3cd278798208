"""``eventroute advise`` compares backends for the subscriptions that are declared."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from .command import Done, jsonl, order

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call, Module

APP = '''
from eventroute import Event, EventBus, Router

router = Router("billing")


@router.subscribe({"source": ["shop.orders"], "detail-type": ["OrderPlaced"]})
def invoice(event: Event) -> None:
    """Never called."""


@router.subscribe(
    {
        "source": ["shop.orders"],
        "detail-type": ["OrderPlaced"],
        "detail": {"total": [{"numeric": [">=", 1000]}], "country": [{"wildcard": "K*R*"}]},
    }
)
def review(event: Event) -> None:
    """Never called."""


bus = EventBus("memory")
bus.include(router)
bare = EventBus("memory")
'''


@pytest.fixture(autouse=True)
def app(module: Module) -> None:
    module("advised", APP)


BUS = "advised:bus"
RATE = ("--rate", "1000/s", "--size", "2KB")


def document(done: Done) -> dict[str, Any]:
    """What ``--json`` printed."""
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def deliveries(found: dict[str, Any], backend: str) -> dict[str, Any]:
    """By the name of the subscription, what reaches it."""
    told = next(one for one in found["backends"] if one["backend"] == backend)
    return {one["subscription"]: one for one in told["deliveries"]}


def test_the_recommendation_comes_first_and_has_reasons(call: Call) -> None:
    done = call("advise", BUS, *RATE)
    assert (done.code, done.err) == (0, "")
    first, reason, *_ = done.out.splitlines()
    assert first == "recommended: sns"
    assert re.fullmatch(r"  sns costs \$[\d,.]+ a month and eventbridge \$[\d,.]+: .* less", reason)


def test_every_line_of_a_bill_shows_its_arithmetic(call: Call) -> None:
    out = call("advise", BUS, *RATE).out
    assert "  custom events: 2,592,000,000 events x 1 unit x $1.00/M = $2,592.00\n" in out


def test_what_a_native_filter_leaves_out_is_told_by_its_place(call: Call) -> None:
    out = call("advise", BUS, *RATE).out
    assert (
        "  costs: billing.review: SNS leaves out 1 of its tests: at /detail/country/0, "
        '{"wildcard":"K*R*"} became {"prefix":"K"}: '
    ) in out


def test_the_table_and_the_json_agree(call: Call) -> None:
    table = call("advise", BUS, *RATE).out
    found = document(call("advise", BUS, *RATE, "--json"))
    assert f"recommended: {found['recommendation']['backend']}\n" in table
    for reason in found["recommendation"]["reasons"]:
        assert f"  {reason}\n" in table
    for one in found["backends"]:
        cells = [one["backend"], "yes" if one["fits"] else "no"]
        cells += [f"${float(one[name]):,.2f}" for name in ("monthly", "one_by_one")]
        cells += [f"{one[name]:,}" for name in ("needless", "saved")]
        row = next(line for line in table.splitlines() if line.startswith(f"{cells[0]} "))
        assert row.split()[:6] == cells
        for line in one["bill"]:
            assert f"  {line['what']}: {line['arithmetic']}\n" in table
            assert line["source"]
        for usage in one["quotas"]:
            assert f" of {usage['limit']:,}" in table


def test_a_sample_says_how_many_events_match_and_how_large_they_are(
    call: Call, tmp_path: Path
) -> None:
    events = [order(1, total=5), order(2, total=2000, country="KR"), order(3, country="KoRea")]
    (tmp_path / "events.jsonl").write_bytes(jsonl(*events))
    done = call("advise", BUS, "--rate", "3/month", "--sample", "events.jsonl", "--json")
    found = document(done)
    lines = jsonl(*events).splitlines()
    assert found["load"]["event_bytes"] == -(-sum(map(len, lines)) // 3)
    invoice, review = deliveries(found, "sns").values()
    assert (invoice["matched"], review["matched"], review["origin"]) == (3, 1, "sample")


def test_lines_that_hold_no_event_are_reported_and_left_out(call: Call) -> None:
    done = call(
        *("advise", BUS, "--rate", "1/s", "--sample", "-", "--json"),
        stdin=jsonl({"total": 1}, order(1)) + b"{\n",
    )
    assert done.code == 0
    first, second, last = done.err.splitlines()
    assert first.startswith("stdin:1: is no event: it has neither 'source' nor 'detail-type'")
    assert second.startswith("stdin:3: ")
    assert last == "2 lines were left out of the sample"
    assert "shares were counted in a sample of 1 event" in json.loads(done.out)["assumptions"]


def test_a_sample_without_an_event_is_an_error(call: Call) -> None:
    done = call("advise", BUS, "--rate", "1/s", "--sample", "-", stdin=b"")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "eventroute: stdin has no event; write one a line, with source, detail-type and detail\n"
    )


@pytest.mark.parametrize("share", ["review=0.05", "billing.review=5%"])
def test_a_share_may_be_given_by_the_last_part_of_a_name(share: str, call: Call) -> None:
    found = document(
        call("advise", BUS, "--rate", "100/month", *RATE[2:], "--match", share, "--json")
    )
    review = deliveries(found, "eventbridge")["billing.review"]
    assert (review["matched"], review["origin"]) == (5, "given")


def test_a_month_of_free_tier_is_taken_off_on_request(call: Call) -> None:
    plain, free = (
        document(call("advise", BUS, *RATE, "--json", *more))["backends"][2]["monthly"]
        for more in ((), ("--free-tier",))
    )
    assert float(plain) - float(free) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rate", "fast", "--size", "1"), "--rate: 'fast' is no rate; write events and a time"),
        (("--rate", "1/s", "--size", "big"), "--size: 'big' is no size; write bytes"),
        (("--rate", "1/s"), "say how large an event is: --size 2KB, or --sample FILE"),
        (("--rate", "9/s", "--peak", "3/s", "--size", "1"), "the peak of 3 events a second is"),
        (("--rate", "9/s", "--peak", "x", "--size", "1"), "--peak: 'x' is no rate"),
        ((*RATE, "--match", "review"), "--match: 'review' is no share; write NAME=SHARE"),
        ((*RATE, "--match", "review=1/2"), "--match: 'review=1/2' is no share"),
        ((*RATE, "--match", "review=2"), "--match: 2 of review is not between 0 and 1"),
        ((*RATE, "--region", "eu-west-1"), "prices of 'eu-west-1' are not known"),
        ((*RATE, "--batch", "11"), "--batch"),
        (("--size", "1"), "--rate"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    arguments: tuple[str, ...], message: str, call: Call
) -> None:
    done = call("advise", BUS, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("target", "more", "message"),
    [
        ("advised:bare", (), "advised:bare has no subscription or route; include the routers"),
        ("advised:bust", (), "advised has no 'bust'; did you mean"),
        (BUS, ("--match", "nobody=0.5"), "'nobody'"),
        (BUS, ("--sample", "missing.jsonl"), "there is no file 'missing.jsonl'"),
    ],
)
def test_what_cannot_be_asked_about_is_one_line_and_exit_1(
    target: str, more: tuple[str, ...], message: str, call: Call
) -> None:
    done = call("advise", target, *RATE, *more)
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_names_of_strangers_do_not_steer_the_terminal(call: Call, tmp_path: Path) -> None:
    hostile = APP.replace('["shop.orders"], "detail-type"', '["\\x1b[31m"], "detail-type"')
    assert hostile != APP
    (tmp_path / "advised.py").write_text(hostile)
    assert "\x1b" not in call("advise", BUS, *RATE).out


def test_the_help_has_examples_and_exit_codes(call: Call) -> None:
    done = call("advise", "--help")
    assert done.code == 0
    assert "\n    eventroute advise shop.app:bus " in done.out
    assert "\n    0  " in done.out


def test_a_bus_of_routes_alone_is_advised(call: Call, tmp_path: Path) -> None:
    with (tmp_path / "advised.py").open("a") as app:
        app.write(
            "from eventroute.pattern import Pattern\n"
            "from eventroute.targets import SnsTopic\n"
            'TOPIC = SnsTopic("arn:aws:sns:eu-west-1:111122223333:alarms")\n'
            'bare.route({"source": ["shop.orders"]}, to=TOPIC, name="alarms")\n'
        )
    done = call("advise", "advised:bare", "--rate", "1/s", "--size", "2KB", "--match", "alarms=25%")
    assert done.code == 0
    assert done.out.startswith("recommended: eventbridge\n")
    assert re.search(r"alarms +648,000 +given +- +- +648,000 +0\n", done.out)
