"""``eventroute route`` tells which rules match which events."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .command import RULES, jsonl, order

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "events.jsonl").write_bytes(
        jsonl(order(1, total=1250), order(2), order(3, country="DE"))
    )


def test_each_event_is_printed_with_its_rules_and_then_a_table(call: Call) -> None:
    done = call("route", "rules.toml", "events.jsonl")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "events.jsonl:1  e1  → large, korean\n"
        "events.jsonl:2  e2  → korean\n"
        "events.jsonl:3  e3  → (none)\n"
        "\n"
        "rule    matched  share\n"
        "large         1  33.3%\n"
        "korean        2  66.7%\n"
        "3 events, 1 unmatched, 0 bad lines\n"
    )


def test_json_has_a_document_for_each_event_and_a_summary(call: Call) -> None:
    done = call("route", "rules.toml", "events.jsonl", "--json")
    *events, summary = done.documents
    assert events == [
        {"file": "events.jsonl", "line": 1, "id": "e1", "rules": ["large", "korean"]},
        {"file": "events.jsonl", "line": 2, "id": "e2", "rules": ["korean"]},
        {"file": "events.jsonl", "line": 3, "id": "e3", "rules": []},
    ]
    assert summary == {
        "summary": {
            "events": 3,
            "unmatched": 1,
            "bad_lines": 0,
            "rules": {"large": 1, "korean": 2},
        }
    }


def test_quiet_prints_only_the_table(call: Call) -> None:
    assert call("route", "rules.toml", "events.jsonl", "--quiet").out.startswith("rule ")
    assert len(call("route", "rules.toml", "events.jsonl", "--quiet", "--json").documents) == 1


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_events_come_from_stdin_when_no_file_is_named(
    arguments: tuple[str, ...], call: Call
) -> None:
    done = call("route", "rules.toml", *arguments, stdin=jsonl(order(7)))
    assert done.out.startswith("stdin:1  e7  → korean\n")


def test_several_files_are_read_one_after_the_other(call: Call) -> None:
    done = call("route", "rules.toml", "events.jsonl", "-", "--json", stdin=jsonl(order(9)))
    places = [(one["file"], one["line"]) for one in done.documents[:-1]]
    assert places == [
        ("events.jsonl", 1),
        ("events.jsonl", 2),
        ("events.jsonl", 3),
        ("stdin", 1),
    ]


def test_stdin_cannot_be_read_twice(call: Call) -> None:
    done = call("route", "rules.toml", "-", "-")
    assert done.code == 2
    assert "stdin can be read only once" in done.err


def test_a_bare_detail_is_matched_as_the_detail_of_an_event(call: Call) -> None:
    done = call("route", "rules.toml", stdin=jsonl({"country": "KR"}))
    assert done.out.startswith("stdin:1  -  → korean\n")


@pytest.mark.parametrize(
    "damage",
    [{"source": 1}, {"detail-type": None}, {"detail": []}],
    ids=lambda one: next(iter(one)),
)
def test_what_lacks_a_part_of_the_envelope_is_a_bare_detail(
    damage: dict[str, object], call: Call
) -> None:
    bare = order(1, country="KR") | damage | {"country": "KR"}
    assert call("route", "rules.toml", "--json", stdin=jsonl(bare)).documents[0] == {
        "file": "stdin",
        "line": 1,
        "id": None,
        "rules": ["korean"],
    }


def test_an_event_without_id_is_named_by_its_type(call: Call) -> None:
    event = order(1)
    del event["id"]
    assert "stdin:1  OrderPlaced  →" in call("route", "rules.toml", stdin=jsonl(event)).out


def test_bad_lines_are_reported_and_counted_and_the_others_routed(call: Call) -> None:
    data = b"[1]\n" + jsonl(order(1)) + b"\n{\n" + jsonl(order(2))
    done = call("route", "rules.toml", "--json", stdin=data)
    assert done.code == 0
    assert done.err.splitlines()[0] == "stdin:1: an event is a JSON object; this is an array"
    assert done.err.splitlines()[1].startswith("stdin:4: not JSON at line 1, column 2")
    assert [one["line"] for one in done.documents[:-1]] == [2, 5]
    assert done.documents[-1]["summary"]["bad_lines"] == 2


def test_strict_stops_at_the_first_bad_line(call: Call) -> None:
    data = jsonl(order(1)) + b"[]\n[]\n" + jsonl(order(2))
    done = call("route", "rules.toml", "--strict", stdin=data)
    assert done.code == 1
    assert done.err == "eventroute: stdin:2: an event is a JSON object; this is an array\n"
    assert done.out == "stdin:1  e1  → korean\n"


def test_windows_line_ends_and_a_byte_order_mark_are_read(call: Call) -> None:
    data = b"\xef\xbb\xbf" + jsonl(order(1), order(2)).replace(b"\n", b"\r\n")
    done = call("route", "rules.toml", stdin=data)
    assert (done.err, done.out.count("→ korean")) == ("", 2)


def test_out_writes_the_lines_of_each_rule_as_they_were(call: Call, tmp_path: Path) -> None:
    odd = (
        b' { "detail" : {"country":"KR", "total":1e4}, "source":"shop.orders","detail-type":"x"}\r'
    )
    (tmp_path / "odd.jsonl").write_bytes(odd + b"\n{}\n" + odd)
    done = call("route", "rules.toml", "odd.jsonl", "--out", "sorted")
    assert done.out.startswith("rule ")
    assert (tmp_path / "sorted/large.jsonl").read_bytes() == odd + b"\n" + odd + b"\n"
    assert (tmp_path / "sorted/korean.jsonl").read_bytes() == odd + b"\n" + odd + b"\n"


def test_nothing_is_overwritten_when_an_input_is_missing(call: Call, tmp_path: Path) -> None:
    (tmp_path / "sorted").mkdir()
    (tmp_path / "sorted/large.jsonl").write_text("kept")
    done = call("route", "rules.toml", "events.jsonl", "missing.jsonl", "--out", "sorted")
    assert done.code == 1
    assert (tmp_path / "sorted/large.jsonl").read_text() == "kept"


def test_out_that_is_a_file_is_refused(call: Call) -> None:
    done = call("route", "rules.toml", "events.jsonl", "--out", "rules.toml")
    assert (done.code, done.err) == (1, "eventroute: rules.toml: File exists\n")


def test_no_events_are_no_error(call: Call) -> None:
    done = call("route", "rules.toml", stdin=b"")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"large +0 +-\n", done.out)


def test_rules_may_come_from_stdin(call: Call) -> None:
    assert call("route", "-", "events.jsonl", stdin=RULES.encode()).out.count("→ korean") == 1


def test_what_strangers_sent_does_not_steer_the_terminal(call: Call) -> None:
    event = order(1) | {"id": "\x1b[2J\nfake.jsonl:9"}
    done = call("route", "rules.toml", stdin=jsonl(event))
    assert done.out.splitlines()[0] == r"stdin:1  \x1b[2J\nfake.jsonl:9  → korean"


def test_text_beyond_ascii_is_printed_as_it_is(call: Call) -> None:
    event = order(1) | {"id": "주문 1"}
    done = call("route", "rules.toml", "--json", stdin=json.dumps(event).encode())
    assert '"id": "주문 1"' in done.out


def test_a_line_that_is_nearly_an_envelope_is_said_to_be_read_as_a_detail(call: Call) -> None:
    lines = jsonl({"source": "s", "detail_type": "t", "detail": {}}, {"country": "KR"})
    near, bare = call("route", "rules.toml", stdin=lines).out.splitlines()[:2]
    assert near == (
        "stdin:1  -  → (none)  (read as a bare detail, since it has no 'detail-type' "
        "('detail_type' is another name))"
    )
    assert bare == "stdin:2  -  → korean"
