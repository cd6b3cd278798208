"""The edge: exit codes, streams, interruptions and terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from .command import RULES, SECONDS, environment, jsonl, on_a_terminal, order, run, started

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Call


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "events.jsonl").write_bytes(jsonl(order(1), order(2, country="DE")))


def test_version_is_that_of_the_package(call: Call) -> None:
    assert call("--version").out == f"eventroute {version('eventroute')}\n"


def test_without_a_command_there_is_help_and_bad_usage(call: Call) -> None:
    done = call()
    assert done.code == 2
    assert "route" in done.out


@pytest.mark.parametrize("command", ["route", "explain", "check", "run"])
def test_help_has_examples_and_exit_codes(command: str, call: Call) -> None:
    done = call(command, "--help")
    assert done.code == 0
    assert f"\n    eventroute {command} " in done.out
    assert "\n    0  " in done.out


@pytest.mark.parametrize(
    "arguments", [("rout",), ("route",), ("route", "rules.toml", "--fast"), ("run", "a:b", "-x")]
)
def test_bad_usage_is_one_line_that_names_the_help(arguments: tuple[str, ...], call: Call) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("eventroute: ")
    assert done.err.endswith("--help\n")
    assert done.err.count("\n") == 1


def test_a_reader_that_leaves_early_ends_the_command_quietly(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_bytes(jsonl(order(1)) * 20_000)
    with started("route", "rules.toml", "many.jsonl", cwd=tmp_path) as running:
        assert running.stdout.readline().startswith("many.jsonl:1 ")
        running.stdout.close()
        done = running.end()
    assert (done.code, done.err) == (141, "")


def test_ctrl_c_ends_the_command_quietly(tmp_path: Path) -> None:
    with started("route", "rules.toml", cwd=tmp_path) as running:
        running.stdin.write(jsonl(order(1)).decode())
        running.stdin.flush()
        assert running.stdout.readline().startswith("stdin:1 ")
        done = running.end(signal.SIGINT)
    assert (done.code, done.err) == (130, "")


def test_what_was_printed_comes_before_an_error_in_one_log(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_bytes(jsonl(order(1)) + b"{\n")
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", "route", "rules.toml", "broken.jsonl"],
        cwd=tmp_path,
        env={**environment(), "PYTHONUNBUFFERED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("broken.jsonl:1 ")
    assert "broken.jsonl" in second


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")  # noqa: PTH110
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123  a device, not a file
        done = subprocess.run(
            [sys.executable, "-m", "eventroute", "route", "rules.toml", "events.jsonl"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "eventroute: No space left on device\n")


def in_a_shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m eventroute {command}"],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


PATTERN = '\'{"detail": {"country": ["KR"]}}\''


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes streams")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("--help >&-", 1),
        ("--version >&-", 1),
        ("route rules.toml events.jsonl >&-", 1),
        ("route rules.toml events.jsonl --json >&-", 1),
        ("route rules.toml <&-", 1),
        ("check rules.toml >&-", 1),
        (f"explain {PATTERN} events.jsonl --line 1 >&-", 2),
        ("explain rules.toml --nearest 1 events.jsonl --line 1 >&-", 2),
        (f"explain {PATTERN} - <&-", 2),
    ],
)
def test_a_stream_that_is_closed_is_one_line(command: str, code: int, tmp_path: Path) -> None:
    done = in_a_shell(command, tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith("eventroute: standard input or output is closed")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes streams")
def test_messages_that_nobody_can_read_end_nothing(tmp_path: Path) -> None:
    done = in_a_shell("route rules.toml nowhere.jsonl 2>&- <&-", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    done = in_a_shell("route rules.toml events.jsonl --quiet 2>&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 events" in done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")  # noqa: PTH110
def test_explain_tells_a_full_disk_from_an_event_that_does_not_match(tmp_path: Path) -> None:
    done = in_a_shell(f"explain {PATTERN} events.jsonl --line 1 >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "eventroute: No space left on device\n")


def test_an_encoding_that_lacks_a_character_ends_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", "route", "rules.toml", "events.jsonl"],
        cwd=tmp_path,
        env=environment() | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0
    assert rb"e1  \u2192 korean" in done.stdout


def test_json_in_another_encoding_is_ascii(tmp_path: Path) -> None:
    event = order(1) | {"id": "é"}
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", "route", "rules.toml", "--json"],
        cwd=tmp_path,
        env=environment() | {"PYTHONIOENCODING": "latin-1"},
        input=jsonl(event),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert rb'"id": "\u00e9"' in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("route", "rules.toml", "events.jsonl"), "\x1b[32mkorean"),
        (("route", "rules.toml", "events.jsonl"), "─────"),
        (("explain", '{"detail": {"country": ["KR"]}}', '{"country": "DE"}'), "└── \x1b[31m✗"),
    ],
)
def test_a_terminal_gets_colours_and_lines(
    arguments: tuple[str, ...], shown: str, tmp_path: Path
) -> None:
    assert shown in on_a_terminal(*arguments, cwd=tmp_path)


def test_a_pipe_gets_neither(tmp_path: Path) -> None:
    done = run("route", "rules.toml", "events.jsonl", cwd=tmp_path)
    assert "\x1b" not in done.out
    assert "─" not in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_json_is_plain_on_a_terminal_too(tmp_path: Path) -> None:
    assert "\x1b" not in on_a_terminal(
        "route", "rules.toml", "events.jsonl", "--json", cwd=tmp_path
    )
