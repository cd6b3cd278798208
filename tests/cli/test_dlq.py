"""``eventroute dlq`` looks at dead letters, delivers them again, or deletes them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .command import SECONDS, environment, on_a_terminal

if TYPE_CHECKING:
    from .conftest import Call, Module

BUS = "letters:bus"

APP = '''
from collections.abc import Sequence
from dataclasses import replace

from eventroute import Event, EventBus, Router
from eventroute.errors import AdapterError
from eventroute.port import Bury, Discard, Outgoing, Redrive
from eventroute_memory import MemoryAdapter, MemoryOptions

BODIES = [
    Event("shop.orders", "OrderPlaced", {"n": n, "country": c}, id=f"event-{n}").to_json()
    for n, c in enumerate(["KR", "JP", "KR"])
] + [b'{"id":"event-3","source":"s","detail-type":"T","detail":{"a":"\\xff"}}']


ERROR = "ValueError: \\x1b[31mno\\nmore"


class Kept(MemoryAdapter):
    """Stands for a backend that outlives the process: it comes with four dead letters."""

    @property
    def capabilities(self):
        return replace(super().capabilities, durable=True, batch_size=2)

    async def open(self, topology, *, provision=True):
        await super().open(topology)
        for body in BODIES:
            event = Event.from_trusted_json(body)
            await self.publish([Outgoing(event, {"traceparent": "00-1"})], timeout=1)
        while deliveries := await self.receive("billing.invoice", limit=2, wait=0):
            await self.settle(
                [
                    Bury(one, "attempts-exhausted", ERROR, "app.py:7 invoice")
                    for one in deliveries
                ]
            )

    async def close(self):
        depth = await self.depth("billing.invoice")
        print(f"-- {depth.ready} ready, {depth.dead} dead")


class Stubborn(Kept):
    async def settle_dead(self, settlements):
        if any(isinstance(one, Redrive | Discard) for one in settlements):
            return [AdapterError("the queue is full")] * len(settlements)
        return await super().settle_dead(settlements)


router = Router("billing")


@router.subscribe({"source": [{"exists": True}]})
def invoice(event: Event) -> None:
    """Never called."""


bus = EventBus(lambda options, clock: Kept(MemoryOptions(), clock))
bus.include(router)
stubborn = EventBus(lambda options, clock: Stubborn(MemoryOptions(), clock))
stubborn.include(router)
memory = EventBus("memory")
memory.include(router)
'''


@pytest.fixture(autouse=True)
def app(module: Module) -> None:
    module("letters", APP)


def test_list_says_what_died_and_why_in_a_line_each(call: Call) -> None:
    done = call("dlq", "list", BUS, "invoice")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[0] == "-- 0 ready, 4 dead"
    assert lines[1].startswith("1  20")
    assert lines[1].endswith(
        "Z  OrderPlaced event-0  attempts-exhausted (1)  ValueError: \\x1b[31mno\\nmore"
    )
    assert lines[-1] == "4 dead letters"


LONG = "ValueError: " + "x" * 140 + " and the end"


def long_error() -> None:
    app = Path("letters.py")
    app.write_text(re.sub("ERROR = .*", f"ERROR = {LONG!r}", app.read_text()))


def test_a_pipe_gets_the_whole_error(call: Call) -> None:
    long_error()
    lines = call("dlq", "list", BUS, "invoice").out.splitlines()
    assert lines[1].endswith(f"attempts-exhausted (1)  {LONG}")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("columns", "shown"), [(80, f"{LONG[:119]}…\r\n"), (260, f"{LONG}\r\n")])
def test_a_terminal_gets_as_much_of_the_error_as_fits(
    columns: int, shown: str, call: Call, tmp_path: Path
) -> None:
    long_error()
    text = on_a_terminal("dlq", "list", BUS, "invoice", cwd=tmp_path, columns=columns)
    assert f"  {shown}" in text


def test_list_as_json_has_the_event_as_it_came(call: Call) -> None:
    done = call("dlq", "list", BUS, "billing.invoice", "--json")
    _, first, _, _, last = done.out.splitlines()
    letter = json.loads(first)
    assert json.loads(letter.pop("body"))["detail"] == {"n": 0, "country": "KR"}
    assert letter.pop("died").endswith("+00:00")
    assert letter == {
        "id": "1",
        "subscription": "billing.invoice",
        "event_id": "event-0",
        "reason": "attempts-exhausted",
        "error": "ValueError: \x1b[31mno\nmore",
        "traceback": ["app.py:7 invoice"],
        "attempts": 1,
        "headers": {"traceparent": "00-1"},
    }
    assert bytes.fromhex(json.loads(last)["body_hex"]).endswith(b'{"a":"\xff"}}')


def with_a_quiet_subscription() -> None:
    with Path("letters.py").open("a") as app:
        app.write("\n\n@router.subscribe({'source': ['quiet']})\ndef audit(event: Event): ...\n")


def test_list_without_a_subscription_counts_the_letters_of_each(call: Call) -> None:
    with_a_quiet_subscription()
    done = call("dlq", "list", BUS)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "-- 0 ready, 4 dead",
        "subscription     dead",
        "billing.invoice     4",
        "billing.audit       0",
        "4 dead letters in 1 of 2 subscriptions",
    ]


def test_the_counts_of_each_subscription_are_json_lines(call: Call) -> None:
    with_a_quiet_subscription()
    _, *lines = call("dlq", "list", BUS, "--json").out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"subscription": "billing.invoice", "dead": 4},
        {"subscription": "billing.audit", "dead": 0},
    ]


def test_a_bus_without_subscriptions_has_no_dead_letters_to_count(call: Call) -> None:
    with Path("letters.py").open("a") as app:
        app.write("\nempty = EventBus('sqlite', options={'path': 'events.db'})\n")
    done = call("dlq", "list", "letters:empty")
    assert (done.code, done.out) == (0, "letters:empty has no subscriptions\n")


def test_a_backend_that_cannot_count_is_one_line(call: Call) -> None:
    with_a_quiet_subscription()
    with Path("letters.py").open("a") as app:
        app.write("async def fails(self, name): raise AdapterError('no answer')\n")
        app.write("Kept.depth = fails\nasync def nothing(self): ...\nKept.close = nothing\n")
    done = call("dlq", "list", BUS)
    assert (done.code, done.out, done.err) == (1, "", "eventroute: no answer\n")


def test_list_says_when_there_may_be_more(call: Call) -> None:
    done = call("dlq", "list", BUS, "invoice", "--limit", "2")
    assert done.out.endswith("2 dead letters; there may be more: --limit, --all\n")


@pytest.mark.parametrize("where", ["where.json", '{"detail": {"country": ["JP"]}}'])
def test_list_takes_a_pattern_as_text_or_from_a_file(where: str, call: Call) -> None:
    Path("where.json").write_text('{"detail": {"country": ["JP"]}}')
    assert call("dlq", "list", BUS, "invoice", "--where", where).out.endswith("1 dead letter\n")


def test_show_tells_everything_about_one_letter(call: Call) -> None:
    done = call("dlq", "show", BUS, "invoice", "--event-id", "event-1")
    assert done.code == 0
    for row in (
        "id            2",
        "subscription  billing.invoice",
        "type          shop.orders OrderPlaced",
        "error         ValueError: \\x1b[31mno\n              more",
        "attempts      1",
        "traceback     app.py:7 invoice",
        "headers       traceparent: 00-1",
    ):
        assert f"\n{row}\n" in done.out
    assert done.out.endswith('"detail":{"n":1,"country":"JP"}}\n')


def test_show_writes_what_is_no_text_in_hexadecimal(call: Call) -> None:
    done = call("dlq", "show", BUS, "invoice", "--event-id", "event-3")
    assert "bytes in hexadecimal: they are no UTF-8" in done.out
    assert bytes.fromhex(done.out.splitlines()[-1]).endswith(b'{"a":"\xff"}}')


def test_show_body_writes_the_event_byte_for_byte(tmp_path: Path) -> None:
    with (tmp_path / "letters.py").open("a") as app:
        app.write("\nasync def say_nothing(self): pass\n\nKept.close = say_nothing\n")
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", "dlq", "show", BUS, "invoice", "4", "--body"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b'{"id":"event-3","source":"s","detail-type":"T","detail":{"a":"\xff"}}'


def test_a_letter_that_is_not_there_is_one_line(call: Call) -> None:
    done = call("dlq", "show", BUS, "invoice", "event-9")
    assert done.code == 1
    assert "no dead letter of 'billing.invoice' has the id 'event-9'" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("choice", "said", "left"),
    [
        (["--all"], "4 redriven", "-- 4 ready, 0 dead"),
        (["4", "--event-id", "event-1"], "2 redriven, 2 skipped", "-- 2 ready, 2 dead"),
        (["--where", '{"detail": {"country": ["KR"]}}'], "2 redriven, 2 skipped", "-- 2 ready, 2"),
        (["--all", "--limit", "3"], "3 redriven", "-- 3 ready, 1 dead"),
        (["--all", "--rate", "1000"], "4 redriven", "-- 4 ready, 0 dead"),
    ],
)
def test_redrive_brings_back_what_is_chosen(
    choice: list[str], said: str, left: str, call: Call
) -> None:
    done = call("dlq", "redrive", BUS, "invoice", *choice)
    assert (done.code, done.err) == (0, "")
    before, after = done.out.splitlines()
    assert before.startswith(left)
    assert after == said


def test_a_dry_run_lists_what_would_be_redriven(call: Call) -> None:
    done = call("dlq", "redrive", BUS, "invoice", "--all", "--dry-run")
    assert done.out.splitlines() == [
        "-- 0 ready, 4 dead",
        *(f"{n + 1}  event-{n}" for n in range(3)),
        "4  event-3",
        "4 would be redriven",
    ]


def test_a_report_can_be_json(call: Call) -> None:
    done = call("dlq", "redrive", BUS, "invoice", "1", "--json")
    report = json.loads(done.out.partition("\n")[2])
    assert report == {
        "action": "redrive",
        "dry_run": False,
        "done": [{"id": "1", "event_id": "event-0"}],
        "failed": [],
        "skipped": 1,
        "missing": [],
        "missing_events": [],
        "interrupted": None,
    }


def test_what_was_not_found_or_failed_is_told_and_fails_the_command(call: Call) -> None:
    done = call("dlq", "redrive", BUS, "invoice", "1", "event-9", "--event-id", "event-8")
    assert done.code == 1
    assert done.err.splitlines() == [
        "no dead letter has the id 'event-9'; the id of an event goes with --event-id",
        "no dead letter is of the event 'event-8'",
    ]
    done = call("dlq", "redrive", "letters:stubborn", "invoice", "1")
    assert (done.code, done.err) == (1, "1: the queue is full\n")
    assert "-- 0 ready, 4 dead" in done.out


def test_discard_deletes_what_it_was_told_to(call: Call) -> None:
    done = call("dlq", "discard", BUS, "invoice", "--event-id", "event-0", "--yes")
    assert done.out.splitlines() == ["-- 0 ready, 3 dead", "1 discarded, 3 skipped"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.parametrize(("answer", "dead"), [(b"y\n", 2), (b"n\n", 4)])
def test_discard_asks_whoever_is_there(answer: bytes, dead: int, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    os.write(ours, answer)
    where = '{"detail": {"country": ["KR"]}}'
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", "dlq", "discard", BUS, "invoice", "--where", where],
        cwd=tmp_path,
        env=environment(),
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert f"-- 0 ready, {dead} dead" in done.stdout
    assert "delete 2 dead letters of billing.invoice for good? [y/N]" in done.stderr
    assert (done.returncode, "nothing was deleted" in done.stderr) == (int(dead == 4), dead == 4)


def test_discard_deletes_only_what_was_shown(call: Call) -> None:
    app = Path("letters.py")
    # Letter 1 is of event 2, and letter 2 of event 1.
    app.write_text(app.read_text().replace('id=f"event-{n}"', "id=str(2 - n)"))
    where = '{"detail": {"n": [0]}}'
    done = call("dlq", "discard", BUS, "invoice", "--where", where, "--yes")
    assert done.out.splitlines() == ["-- 0 ready, 3 dead", "1 discarded, 3 skipped"]


def test_discard_without_anybody_to_ask_is_bad_usage(call: Call) -> None:
    done = call("dlq", "discard", BUS, "invoice", "--all")
    assert done.code == 2
    assert "look with --dry-run, then add --yes" in done.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["redrive", BUS, "invoice"],
            "say which letters: ids, --event-id, --where PATTERN, or --all",
        ),
        (["redrive", BUS, "invoice", "1", "--all"], "say which letters"),
        (["discard", BUS, "invoice", "--yes"], "say which letters"),
        (["redrive", BUS, "invoice", "--all", "--rate", "0"], "letters a second, over 0"),
        (["redrive", BUS, "invoice", "--all", "--rate", "nan"], "letters a second, over 0"),
        (["list", BUS, "invoice", "--limit", "0"], "--limit"),
        (["list", BUS, "--all"], "choose letters of one subscription; name it"),
        (["list", BUS, "--limit", "5"], "choose letters of one subscription; name it"),
        (["list", BUS, "--where", "{}"], "choose letters of one subscription; name it"),
        (["show", BUS, "invoice"], "say which letter: an id, or --event-id"),
        (["show", BUS, "invoice", "1", "--event-id", "2"], "say which letter"),
        (["show", BUS, "invoice", "1", "--body", "--json"], "exclude each other"),
        ([], "Usage: eventroute dlq"),
    ],
)
def test_a_command_that_does_not_say_enough_is_bad_usage(
    arguments: list[str], complaint: str, call: Call
) -> None:
    done = call("dlq", *arguments)
    assert done.code == 2
    assert complaint in done.err + done.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["list", BUS, "invoices"], "0 subscriptions are named 'invoices'; there are billing"),
        (["list", BUS, "invoice", "--where", '{"detail": 1}'], "event pattern, at /detail"),
        (["list", BUS, "invoice", "--where", "no.json"], "there is no file 'no.json'"),
        (["list", "letters:buss", "invoice"], "letters has no 'buss'"),
        (
            ["list", "letters:memory", "invoice"],
            "in the process that runs it, out of reach of this one; call bus.dlq('invoice') there",
        ),
    ],
)
def test_what_cannot_be_looked_at_is_one_line(
    arguments: list[str], complaint: str, call: Call
) -> None:
    done = call("dlq", *arguments)
    assert done.code == 1
    assert complaint in done.err
    assert done.err.count("\n") == 1
