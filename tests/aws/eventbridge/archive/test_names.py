"""Names of archives and replays, and of the rules that are for one replay: pure rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest

from eventroute.port import REPLAYED
from eventroute_aws.eventbridge.archive.names import (
    moment_of,
    new_replay,
    rule_of_replay,
    rules_of_replays,
    subscription_rule,
)
from eventroute_aws.eventbridge.published import published
from eventroute_aws.provisioning.names import Names

ASKED = datetime(2026, 1, 31, 8, 5, 9, 123_456, tzinfo=UTC)
LONG = "eventroute-" + 53 * "x"


@pytest.mark.parametrize("prefix", ["", "shop", 30 * "p"])
def test_a_replay_has_the_prefix_and_tells_when_it_was_asked_for(prefix: str) -> None:
    name = new_replay(prefix, ASKED)
    assert re.fullmatch(r"[.A-Za-z0-9_-]{1,64}", name)
    assert name.startswith(prefix)
    assert moment_of(name) == ASKED
    assert new_replay(prefix, ASKED) != name


@pytest.mark.parametrize("name", ["monday", "x-20269999T999999.000000Z-0badc0de"])
def test_a_name_that_somebody_else_chose_tells_no_time(name: str) -> None:
    assert moment_of(name) is None


def test_the_header_of_what_we_replay_is_the_moment() -> None:
    name = new_replay("shop", ASKED)
    body = b'{"source":"aws.s3","detail-type":"t","detail":{},"replay-name":"%s"}' % name.encode()
    found = published(body)
    assert found is not None
    assert datetime.fromisoformat(found.headers[REPLAYED]) == ASKED


@pytest.mark.parametrize("rule", ["eventroute-a", LONG])
def test_rules_of_replays_fit_and_are_those_that_queues_let_send(rule: str) -> None:
    one, other = rule_of_replay(rule, "r1"), rule_of_replay(rule, "r2")
    assert len(one) <= 64
    assert one != other
    assert fnmatchcase(one, rules_of_replays(rule))
    assert subscription_rule(one) is not None


def test_long_rules_that_begin_alike_have_replay_rules_apart() -> None:
    assert rules_of_replays(LONG) != rules_of_replays(LONG[:-1] + "y")


def test_no_rule_of_a_subscription_looks_like_one_of_a_replay() -> None:
    assert subscription_rule(Names("shop").rule("a.replay.0badc0de")) is None
    assert subscription_rule("eventroute-a") is None


@pytest.mark.parametrize("bus", ["shop", "aws.partner/example.com/acme", 256 * "b", "a-0badc0de"])
def test_an_archive_is_named_after_its_bus(bus: str) -> None:
    name = Names(30 * "p").archive(bus)
    assert re.fullmatch(r"[.A-Za-z0-9_-]{1,48}", name)
    assert name.startswith(30 * "p" + "-")


def test_buses_that_look_alike_have_archives_apart() -> None:
    buses = ["a/b", "a-b", "a.b", f"a-b-{Names('').archive('a/b')[-8:]}", 60 * "a", 61 * "a"]
    assert len({Names("").archive(bus) for bus in buses}) == len(buses)
