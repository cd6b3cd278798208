"""Every case of ``schema_compatibility.jsonl``: pairs of schemas whose answers others gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventroute.registry import Compatibility, Verdict, compatibility

from .judged import fits

pytestmark = pytest.mark.xdist_group("compatibility-cases")  # what they share takes seconds

# "." of a regular expression is no line break, so a text of one is a witness that the search of
# those who wrote the cases did not come upon.
A_LINE_BREAK = "\n"


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    file = shared / "conformance" / "schema_compatibility.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def judged(cases: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Compatibility]]:
    return [(case, compatibility(case["old"], case["new"], seconds=30)) for case in cases]


def test_nothing_is_compatible_that_a_witness_refutes(
    judged: list[tuple[dict[str, Any], Compatibility]],
) -> None:
    assert not [
        case["name"] for case, answer in judged if answer and not case["backward_compatible"]
    ]


def test_what_is_incompatible_comes_with_a_witness(
    judged: list[tuple[dict[str, Any], Compatibility]],
) -> None:
    refuted = [(case, a) for case, a in judged if a.verdict is Verdict.INCOMPATIBLE]
    assert len(refuted) > 100
    for case, answer in refuted:
        assert fits(case["old"], answer.witness, case["new"]), case["name"]
        assert not fits(case["new"], answer.witness, case["old"]), case["name"]


def test_what_is_called_compatible_is_refuted_by_a_line_break_only(
    judged: list[tuple[dict[str, Any], Compatibility]],
) -> None:
    assert {
        answer.witness
        for case, answer in judged
        if case["backward_compatible"] and answer.verdict is Verdict.INCOMPATIBLE
    } <= {A_LINE_BREAK}


def test_few_cases_stay_open(judged: list[tuple[dict[str, Any], Compatibility]]) -> None:
    open_ = [case["name"] for case, a in judged if a.verdict is Verdict.UNKNOWN]
    assert len(open_) <= len(judged) * 0.03, open_
