"""``eventroute replay`` delivers archived events again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from eventroute.cli.moments import moment

if TYPE_CHECKING:
    from .conftest import Call, Module

BUS = "archived:bus"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

APP = '''
from dataclasses import replace

from eventroute import Event, EventBus, Router
from eventroute.port import Ack, Outgoing
from eventroute.testing.conformance import AdapterWrapper
from eventroute_memory import MemoryAdapter, MemoryOptions


class Kept(MemoryAdapter):
    """Stands for a backend that outlives the process: three events were handled before."""

    @property
    def capabilities(self):
        return replace(super().capabilities, durable=True)

    async def open(self, topology, *, provision=True):
        await super().open(topology)
        for n in range(3):
            await self.publish([Outgoing(Event("s", "T", {"n": n}))], timeout=1)
        for name in ("shop.first", "shop.second"):
            await self.settle([Ack(one) for one in await self.receive(name, limit=9, wait=0)])

    async def close(self):
        depths = [await self.depth(name) for name in ("shop.first", "shop.second")]
        print("--", *(depth.ready for depth in depths))


class Bare(AdapterWrapper):
    """Has no archive."""


class Uncounted(Kept):
    """Does not tell how many events it replays, but how far it has come."""

    async def replay(self, replay):
        await super().replay(replay)
        replay.progress(None)
        replay.progress(replay.since)


router = Router("shop")


@router.subscribe({"source": ["s"]})
def first(event: Event) -> None:
    """Never called."""


@router.subscribe({"source": ["s"]})
def second(event: Event) -> None:
    """Never called."""


bus = EventBus(lambda options, clock: Kept(MemoryOptions(archive=100), clock))
bus.include(router)
forgetful = EventBus(lambda options, clock: Kept(MemoryOptions(), clock))
forgetful.include(router)
bare = EventBus(lambda options, clock: Bare(Kept(MemoryOptions(), clock)))
uncounted = EventBus(lambda options, clock: Uncounted(MemoryOptions(archive=100), clock))
uncounted.include(router)
memory = EventBus("memory")
memory.include(router)
'''


@pytest.fixture(autouse=True)
def app(module: Module) -> None:
    module("archived", APP)


def test_every_subscription_gets_the_events_of_the_last_hour(call: Call) -> None:
    done = call("replay", BUS, "--from", "1h", "--to", "2100-01-01T00:00:00Z")
    assert (done.code, done.out, done.err) == (0, "-- 3 3\n3 events replayed\n", "")


def test_events_and_subscriptions_can_be_chosen(call: Call) -> None:
    where = '{"detail": {"n": [1]}}'
    to = ["--to", "2100-01-01T00:00:00Z", "--to-subscription", "first"]
    done = call("replay", BUS, "--from", "1h", *to, "--where", where)
    assert done.out == "-- 1 0\n1 event replayed\n"


def test_nothing_is_replayed_of_a_time_without_events(call: Call) -> None:
    done = call("replay", BUS, "--from", "2d", "--to", "1d", "--json")
    assert (done.code, json.loads(done.out.splitlines()[-1])) == (0, {"replayed": 0})


def test_where_the_backend_does_not_count_the_command_says_so(call: Call) -> None:
    done = call("replay", "archived:uncounted", "--from", "1h", "--to", "2100-01-01T00:00:00Z")
    assert done.code == 0
    assert done.out.endswith("replayed; how many events that were, the backend does not tell\n")
    assert done.err == ""
    done = call("replay", "archived:uncounted", "--from", "1h", "--json")
    assert json.loads(done.out.splitlines()[-1]) == {"replayed": None}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", BUS], "--from"),
        (["replay", BUS, "--from", "yesterday"], "'yesterday' is no time; write 2026-01-31T08"),
        (["replay", BUS, "--from", "2026-01-31"], "'2026-01-31' has no time zone; add Z"),
        (["replay", BUS, "--from", "1h", "--to", "2h"], "--from 1h is not before --to 2h"),
        (["replay", BUS, "--from", "999999999d"], "longer ago than a calendar reaches"),
    ],
)
def test_times_that_cannot_be_meant_are_bad_usage(
    arguments: list[str], complaint: str, call: Call
) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert complaint in done.err


@pytest.mark.parametrize(
    ("target", "options", "complaint"),
    [
        (BUS, ["--to-subscription", "third"], "0 subscriptions are named 'third'"),
        (BUS, ["--where", "{}"], "event pattern"),
        ("archived:forgetful", [], "keeps no archive unless told to"),
        ("archived:bare", [], "of archived:bare keeps no archive; publish"),
        ("archived:memory", [], "keeps its archive in the process that runs it"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    target: str, options: list[str], complaint: str, call: Call
) -> None:
    done = call("replay", target, "--from", "1h", *options)
    assert done.code == 1
    assert complaint in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("now", timedelta()),
        ("90m", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        ("1h30m5s", timedelta(hours=1, minutes=30, seconds=5)),
        ("2026-01-31T08:00:00Z", timedelta(hours=4)),
        ("2026-01-31T17:00:00+09:00", timedelta(hours=4)),
    ],
)
def test_a_time_is_absolute_or_says_how_long_ago(text: str, ago: timedelta) -> None:
    assert moment(text, NOW) == NOW - ago
