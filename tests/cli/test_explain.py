"""``eventroute explain`` tells clause by clause why an event matches, or does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventroute.pattern import Pattern

from .command import RULES, jsonl, order

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call

LARGE = '{"source": ["shop.orders"], "detail": {"total": [{"numeric": [">=", 1000]}]}}'


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "large.json").write_text(LARGE)
    (tmp_path / "event.json").write_text(json.dumps(order(1, total=1250), indent=2))
    (tmp_path / "events.jsonl").write_bytes(
        jsonl(order(1, total=1250)) + b"\n[]\n" + jsonl(order(2))
    )


def test_an_event_that_matches_ends_with_0(call: Call) -> None:
    done = call("explain", "large.json", "event.json")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("✓ the event matches\n")


def test_an_event_that_does_not_ends_with_1_and_says_what_was_there(call: Call) -> None:
    done = call("explain", LARGE, json.dumps(order(1, total=999)))
    assert done.code == 1
    held, failed = done.out.splitlines()[1:]
    assert held.startswith('  ✓ source: "shop.orders"')
    assert failed.startswith("  ✗ detail.total: 999 ")


def test_json_is_the_explanation_as_data(call: Call) -> None:
    done = call("explain", LARGE, "event.json", "--json")
    assert json.loads(done.out) == Pattern(LARGE).explain(order(1, total=1250)).to_dict()


@pytest.mark.parametrize("arguments", [("-", "event.json"), ("large.json", "-")])
def test_one_of_the_two_may_be_stdin(arguments: tuple[str, str], call: Call) -> None:
    stdin = LARGE if arguments[0] == "-" else json.dumps(order(1, total=1250))
    assert call("explain", *arguments, stdin=stdin.encode()).code == 0


def test_a_file_of_many_events_is_answered_with_the_option_for_one(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "many.jsonl").write_bytes(jsonl(order(1)) * 20_000)
    done = call("explain", "large.json", "many.jsonl")
    assert done.code == 2
    assert done.err.endswith("bytes that are read; choose one line with --line\n")


def test_both_from_stdin_is_bad_usage(call: Call) -> None:
    done = call("explain", "-", "-")
    assert done.code == 2
    assert "stdin can be read only once" in done.err


def test_a_rule_is_taken_from_a_rule_file_and_an_event_from_a_line(call: Call) -> None:
    base = ("explain", "rules.toml", "--rule", "large", "events.jsonl", "--line")
    assert [call(*base, number).code for number in ("1", "4")] == [0, 1]


def test_a_bare_detail_is_explained_as_route_matches_it(call: Call) -> None:
    assert call("explain", "rules.toml", "--rule", "korean", '{"country": "KR"}').code == 0


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"total": 5}, "it has neither 'source' nor 'detail-type' nor 'detail'"),
        (
            {"source": "s", "detail_type": "t", "detail": {}},
            "it has no 'detail-type' ('detail_type' is another name)",
        ),
        (
            {"source": "s", "DetailType": "t", "detail": {}},
            "it has no 'detail-type' ('DetailType' is another name)",
        ),
        (
            {"source": 5, "detail-type": "t", "detail": "{}"},
            "its 'source' is a number, not a string, its 'detail' is a string, not an object",
        ),
    ],
)
def test_an_event_that_is_no_envelope_is_said_to_be_read_as_a_detail(
    event: dict[str, object], why: str, call: Call
) -> None:
    for options in (("rules.toml", "--rule", "large"), ("rules.toml", "--nearest", "1")):
        done = call("explain", *options, json.dumps(event))
        assert done.code == 1
        assert done.err == f"note: the event was read as a bare detail, since {why}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere.json", "event.json"), "no file 'nowhere.json'"),
        (("large.json", "nowhere.json"), "no file 'nowhere.json'"),
        (("[]", "event.json"), "'[]' is neither a JSON object, which begins with '{', nor a file"),
        (("large.json", '["x"]'), "is neither a JSON object, which begins with '{', nor a file"),
        (("", "event.json"), "'' is neither a JSON object"),
        (("large.json", " "), "' ' is neither a JSON object"),
        (("rules.toml", "event.json"), "choose a pattern with --rule"),
        (("rules.toml", "event.json", "--rule", "huge"), "no rule 'huge'; it has 'large'"),
        (("{}", "event.json", "--rule", "large"), "--rule needs a rule file"),
        (("large.json", "{}", "--line", "1"), "--line needs a file"),
        (("large.json", "events.jsonl"), "choose one line with --line"),
        (("large.json", "events.jsonl", "--line", "9"), "no line 9"),
        (("large.json", "events.jsonl", "--line", "2"), "no line 2, or it is blank"),
        (("large.json", "events.jsonl", "--line", "3"), "events.jsonl:3: an event is a JSON"),
        (("large.json", "events.jsonl", "--line", "0"), "--line"),
        (("large.json", '{"a": 1, "a": 2}'), "the event: the member 'a' stands twice"),
        (('{"source": "x"}', "event.json"), "at /source"),
    ],
)
def test_what_is_wrong_ends_with_2_and_one_line(
    arguments: tuple[str, ...], complaint: str, call: Call
) -> None:
    done = call("explain", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_of_a_rule_file_all_rules_are_told_of_and_the_nearest_explained(call: Call) -> None:
    done = call("explain", "rules.toml", json.dumps(order(1, total=999)), "--nearest", "3")
    assert done.code == 0
    korean, large, source, total = done.out.splitlines()
    assert (korean, large) == ("✓ korean matches", "✗ large meets 1 of 2 fields")
    assert source.startswith("  ✓ source")
    assert total.startswith("  ✗ detail.total: 999")


def test_an_event_that_meets_no_rule_of_a_file_ends_with_1(call: Call, tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text('[a]\nsource = ["x"]\n[b]\nsource = ["y"]\n')
    done = call("explain", "two.toml", "event.json", "--nearest", "0")
    assert (done.code, done.out) == (1, "✗ no rule matches\n")


def test_the_nearest_rules_as_data(call: Call) -> None:
    event = order(1, total=999)
    done = call("explain", "rules.toml", json.dumps(event), "--nearest", "3", "--json")
    large = {"source": ["shop.orders"], "detail": {"total": [{"numeric": [">=", 1000]}]}}
    assert json.loads(done.out) == {
        "matched": ["korean"],
        "nearest": [
            {
                "rule": "large",
                "met": 1,
                "fields": 2,
                "explanation": Pattern(large).explain(event).to_dict(),
            }
        ],
    }


def test_nearest_and_one_rule_exclude_each_other(call: Call) -> None:
    done = call("explain", "rules.toml", "event.json", "--nearest", "1", "--rule", "large")
    assert done.code == 2
    assert "--rule" in done.err
