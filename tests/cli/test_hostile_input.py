"""Whatever is fed to the command, it answers with one clear line and soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .command import RULES, jsonl, order

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call

DEEP = b'{"detail":' + b'{"a":' * 200 + b"1" + b"}" * 201
LINES: dict[str, tuple[bytes, str]] = {
    "deep": (DEEP, "nested more than 128 levels deep"),
    "deep list": (b'{"a":' + b"[" * 100_000, "nested more than 128 levels deep"),
    "long": (b'{"a": "' + b"x" * (10 << 20) + b'"}', "longer than the 1,048,576 bytes"),
    "not UTF-8": (b'{"a": "\xff"}', "byte 7 (0xff) is not UTF-8"),
    "repeated": (b'{"a": 1, "a": 2}', "the member 'a' stands twice"),
    "NaN": (b'{"a": NaN}', "NaN is not JSON"),
    "overflow": (b'{"a": 1e999}', "does not fit a double"),
    "many digits": (b'{"a": ' + b"9" * 100_000 + b"}", "has 100000 digits"),
    "lone surrogate": (rb'{"a": "\ud800"}', "lone surrogate"),
    "NUL": (b"\0", "not JSON"),
    "a number": (b"1", "this is a number"),
    "null": (b"null", "this is null"),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)


@pytest.mark.parametrize("kind", LINES)
def test_a_bad_line_is_named_and_the_next_is_routed(kind: str, tmp_path: Path, call: Call) -> None:
    line, complaint = LINES[kind]
    (tmp_path / "events.jsonl").write_bytes(line + b"\n" + jsonl(order(1)))
    done = call("route", "rules.toml", "events.jsonl", "--json")
    assert done.code == 0
    assert done.err.startswith("events.jsonl:1: ")
    assert complaint in done.err
    assert done.err.count("\n") == 1
    assert done.documents[0]["line"] == 2


@pytest.mark.parametrize("kind", LINES)
def test_a_bad_event_is_not_explained(kind: str, tmp_path: Path, call: Call) -> None:
    (tmp_path / "event.json").write_bytes(LINES[kind][0])
    done = call("explain", '{"source": ["x"]}', "event.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("eventroute: event.json")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("kind", [*LINES, "empty"])
@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_bad_rule_file_is_refused(kind: str, suffix: str, tmp_path: Path, call: Call) -> None:
    (tmp_path / f"bad.{suffix}").write_bytes(LINES[kind][0] if kind in LINES else b"")
    done = call("route", f"bad.{suffix}")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"eventroute: bad.{suffix}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "pattern",
    ["{}", "[]", "1", "null", '{"a": 1}', '{"a": []}', '{"a": [{"near": 1}]}', '{"a": [[]]}', "{"],
)
def test_a_pattern_of_the_wrong_shape_is_refused(pattern: str, tmp_path: Path, call: Call) -> None:
    (tmp_path / "pattern.json").write_text(pattern)
    done = call("explain", "pattern.json", "{}")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("eventroute: pattern.json: event pattern, at ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("route", "nowhere.toml"), "there is no file 'nowhere.toml'"),
        (("route", "."), ". is a folder"),
        (("route", "rules.toml", "nowhere.jsonl"), "there is no file 'nowhere.jsonl'"),
        (("route", "rules.toml", "."), ". is a folder"),
        (("route", "rules.toml", "x" * 5000), "cannot be read"),
        (("explain", "{}", "."), "at its top"),
        (("explain", '{"a": ["b"]}', "."), ". is a folder"),
    ],
)
def test_a_file_that_is_none_is_named(
    arguments: tuple[str, ...], complaint: str, call: Call
) -> None:
    done = call(*arguments)
    assert done.code == (1 if arguments[0] == "route" else 2)
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_an_empty_file_of_events_is_no_error(tmp_path: Path, call: Call) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"")
    done = call("route", "rules.toml", "events.jsonl")
    assert (done.code, done.err) == (0, "")
