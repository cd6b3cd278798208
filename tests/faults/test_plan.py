"""A plan says what can be meant, and prints as what makes it again."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.errors import DeclarationError
from eventroute.testing import FaultKind, FaultLog, Faults, InjectedFault


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"crash": 1.5}, r"Faults\(crash=1\.5\): must be from 0 to 1"),
        ({"delay": -0.1}, r"delay=-0\.1"),
        ({"delay": float("nan")}, "delay=nan"),
        ({"duplicate": "often"}, "duplicate='often'"),
        ({"seed": "x"}, "seed='x'"),
        ({"most": 0}, "most=0"),
        ({"longest_delay": 0}, "longest_delay=0"),
        ({"longest_delay": float("inf")}, "longest_delay=inf"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        Faults(**given)


def test_every_kind_of_fault_has_a_chance() -> None:
    for kind in FaultKind:
        chances: dict[str, Any] = {kind.value: 0.25}
        assert Faults(**chances).chance(kind) == 0.25


def test_a_plan_prints_as_python_that_makes_it_again() -> None:
    plan = Faults(seed=7, crash=0.25, most=3)
    assert str(plan) == "Faults(seed=7, crash=0.25, most=3)"
    assert eval(str(plan)) == plan  # noqa: S307  what is tested
    assert str(Faults()) == "Faults(seed=0)"


def test_faults_after_publish_leave_publishers_alone() -> None:
    plan = Faults.after_publish(0.5, seed=3)
    untouched = {kind for kind in FaultKind if plan.chance(kind) == 0}
    assert untouched == {FaultKind.FAIL_PUBLISH, FaultKind.DROP_ANSWER}


def test_a_log_shows_the_seed_and_a_bounded_number_of_faults() -> None:
    log = FaultLog(Faults(seed=7, crash=1))
    for occasion in range(1, 61):
        log.add(InjectedFault(FaultKind.CRASH, "billing.invoice", "T 0a0b0c0d-1", occasion, "e1"))
    lines = str(log).splitlines()
    assert lines[0] == "Faults(seed=7, crash=1) injected 60 faults"
    assert lines[1] == "  crash at billing.invoice, T 0a0b0c0d-1 (id e1), occasion 1"
    assert lines[-1] == "  and 10 more"
    assert len(lines) == 52
