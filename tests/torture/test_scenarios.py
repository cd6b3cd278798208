"""The short form of ``make torture``: real processes, really killed."""

from __future__ import annotations

import sys

import pytest

from tools.torture.__main__ import main, run_all
from tools.torture.check import Check
from tools.torture.children import TortureError
from tools.torture.scenarios import SCENARIOS, Scale, Scenario
from tools.torture.table import Row, table

SCALE = Scale.short()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals of POSIX")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
async def test_every_promise_is_kept(scenario: Scenario) -> None:
    checks = await scenario.judged(SCALE, seed=1)
    assert [check for check in checks if not check.holds] == []


def scenario_of(*checks: Check) -> Scenario:
    async def run(*_: object) -> list[Check]:
        return list(checks)

    return Scenario("planted", run)


async def test_a_broken_promise_is_printed_with_examples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not await run_all([scenario_of(Check.none_of("lost", ["event 7"]))], SCALE, 1)
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  lost            1  0                BROKEN",
        "      event 7",
    ]


async def test_one_broken_promise_is_not_made_good_by_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept, broken = scenario_of(Check("a", 0, 0, 0)), scenario_of(Check("a", 1, 0, 0))
    assert await run_all([kept, kept], SCALE, 1)
    assert not await run_all([kept, broken, kept], SCALE, 1)


async def test_a_program_that_misbehaves_is_a_broken_promise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def run(*_: object) -> list[Check]:
        raise TortureError("it ended with 3")

    assert not await run_all([Scenario("planted", run)], SCALE, 1)
    assert "planted: BROKEN: it ended with 3" in capsys.readouterr().out


def test_a_table_has_a_line_for_each_figure() -> None:
    checks = [Check("events", 1_000_000), Check("growth, %", 0.5, most=5.0)]
    assert table(Row("soak", 61.2, checks)).splitlines() == [
        "soak (61 s)",
        "  events       1,000,000",
        "  growth, %          0.5  at most 5.0      ok",
    ]


def test_the_command_ends_with_zero_when_every_promise_is_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--short", "--only", "publish-in", "--seed", "2"]) == 0
    assert capsys.readouterr().out.endswith("every promise was kept\n")
