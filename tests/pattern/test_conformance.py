"""Every case of ``eventbridge.jsonl``: patterns and events whose answers others gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from eventroute.errors import EventError, PatternError
from eventroute.pattern import Pattern

EXCEPTIONS: Final = {
    "MachineComplexityEvaluatorTest.testEvaluateNestedMachinesViaNextNameStates": (
        "six stars in a wildcard: AWS refuses as many in content_wildcard_complex_EXC, and "
        "AWS-validated beats event-ruler; PatternLimits(max_wildcard_stars=) admits them"
    ),
    "probe.wild many": "seven stars in a wildcard: as above",
    "JsonRuleCompilerTest.testOrFieldCanKeepWorkingInLegacyRuleCompiler#4": (
        "one of event-ruler's two compilers refuses $or with operators inside; its machine then "
        "uses the other, which takes $or for a field, as 'probe.or with op' shows"
    ),
    "probe.18 digits": (
        "event-ruler compares a number that no double holds exactly as text only, so that no "
        "range contains it; an event that was parsed already has the nearest double instead"
    ),
}


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    file = shared / "conformance" / "eventbridge.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def answer(case: dict[str, Any]) -> bool | str:
    try:
        pattern = Pattern(case["pattern"])
        return "valid" if case["event"] is None else pattern.matches(case["event"])
    except (PatternError, EventError):
        return "invalid"


def is_aws_validated(case: dict[str, Any]) -> bool:
    return "AWS-validated" in case["origin"]


def test_every_case_has_the_expected_answer(cases: list[dict[str, Any]]) -> None:
    wrong = [
        f"{case['name']}: {case['expect']} expected, {got} given"
        for case in cases
        if case["name"] not in EXCEPTIONS and (got := answer(case)) != case["expect"]
    ]
    assert not wrong


def test_explanations_agree_in_every_case(cases: list[dict[str, Any]]) -> None:
    asked = [
        case
        for case in cases
        if case["event"] is not None and isinstance(case["expect"], bool)
        if case["name"] not in EXCEPTIONS
    ]
    wrong = [
        case["name"]
        for case in asked
        if Pattern(case["pattern"]).explain(case["event"]).matched is not case["expect"]
    ]
    assert asked
    assert not wrong


def test_no_aws_validated_case_is_an_exception(cases: list[dict[str, Any]]) -> None:
    validated = {case["name"] for case in cases if is_aws_validated(case)}
    assert validated
    assert not validated & EXCEPTIONS.keys()


def test_every_exception_still_differs(cases: list[dict[str, Any]]) -> None:
    differing = {case["name"] for case in cases if answer(case) != case["expect"]}
    assert differing == EXCEPTIONS.keys()
