"""Every case of ``sns.jsonl``: policies and messages whose answers others gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from eventroute.errors import LimitExceededError, PatternError
from eventroute.pattern.narrow import SNS_MESSAGE_BODY, check_policy, sns_matches

EXCEPTIONS: Final[dict[str, str]] = {}
"""Cases that are answered otherwise, with the reason. None is known."""


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    file = shared / "conformance" / "sns.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def answer(case: dict[str, Any]) -> bool | str:
    if case["expect"] == "invalid":
        try:
            check_policy(case["pattern"], SNS_MESSAGE_BODY)
        except (PatternError, LimitExceededError):
            return "invalid"
        return "valid"
    scope = case["scope"]
    message = case["attributes"] if scope == "MessageAttributes" else case["event"]
    return sns_matches(case["pattern"], message, scope)


def test_every_case_has_the_expected_answer(cases: list[dict[str, Any]]) -> None:
    wrong = [
        f"{case['name']}: {case['expect']} expected, {got} given"
        for case in cases
        if case["name"] not in EXCEPTIONS and (got := answer(case)) != case["expect"]
    ]
    assert cases
    assert not wrong


def test_every_exception_still_differs(cases: list[dict[str, Any]]) -> None:
    assert {case["name"] for case in cases if answer(case) != case["expect"]} == EXCEPTIONS.keys()
