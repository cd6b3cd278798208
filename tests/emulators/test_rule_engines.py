"""What emulators answer otherwise than AWS is known, case by case: it neither grows nor shrinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools.emulators import Emulator

from ..aws.conftest import account, lenient, one_loader, running_localstack
from ..aws.kit import LOCALSTACK
from .asking import asked_filters, asked_rules
from .cases import Answer, Case, filters, rules
from .known import NEW, differing, groups
from .report import PAGE, WAIT, page_with

__all__ = ["account", "lenient", "one_loader", "running_localstack"]

only_where_localstack_is_asked = pytest.mark.skipif(
    not LOCALSTACK, reason="EVENTROUTE_TEST_LOCALSTACK=1 asks LocalStack, too"
)


def differences(cases: Sequence[Case], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    assert answers.keys() == {one.name for one in cases}
    return {one.name: answers[one.name] for one in cases if answers[one.name] != one.aws}


def test_what_eventroute_answers_otherwise_is_known(shared: Path) -> None:
    for kind, cases in (("rules", rules(shared)), ("filters", filters(shared))):
        ours = {one.name: one.ours for one in cases}
        assert differences(cases, ours) == differing(kind, "eventroute")


async def test_what_ministack_takes_and_matches_otherwise_is_known(
    lenient: Emulator, account: str, shared: Path
) -> None:
    cases = rules(shared)
    answers = await asked_rules(lenient, cases)
    assert differences(cases, answers) == differing("rules", "ministack")


async def test_what_ministack_filters_otherwise_is_known(
    lenient: Emulator, account: str, shared: Path
) -> None:
    cases = filters(shared)
    answers = await asked_filters(lenient, cases, wait=WAIT["ministack"])
    assert differences(cases, answers) == differing("filters", "ministack")


@only_where_localstack_is_asked
@pytest.mark.xdist_group("localstack")
async def test_what_localstack_takes_and_matches_otherwise_is_known(
    running_localstack: Emulator, account: str, shared: Path
) -> None:
    cases = rules(shared)
    answers = await asked_rules(running_localstack, cases)
    assert differences(cases, answers) == differing("rules", "localstack")


@only_where_localstack_is_asked
@pytest.mark.xdist_group("localstack")
async def test_what_localstack_filters_otherwise_is_known(
    running_localstack: Emulator, account: str, shared: Path
) -> None:
    cases = filters(shared)
    answers = await asked_filters(running_localstack, cases, wait=WAIT["localstack"])
    assert differences(cases, answers) == differing("filters", "localstack")


@pytest.mark.parametrize("kind", ["rules", "filters"])
def test_every_difference_has_a_reason_and_is_in_the_page(kind: str) -> None:
    assert NEW not in [group.what for group in groups(kind)]
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, kind), "run: python -m tests.emulators.report"
