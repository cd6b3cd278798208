"""The kit itself, as an adapter's author meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from eventroute.clock import SystemClock
from eventroute.testing.conformance import (
    GROUPS,
    AdapterConformance,
    promises_of,
    verdicts,
)

from .mutants import Mutant, kit_of
from .mutants.receiving import EndsLeasesEarly
from .mutants.settling import ForgetsTheDelayOfARelease
from .test_memory import TestMemory as Memory

KEPT = "test_an_empty_detail_arrives"


def test_every_group_is_in_the_kit() -> None:
    assert tuple(promises_of(AdapterConformance)) == GROUPS


def test_no_two_properties_share_a_name() -> None:
    names = [name for group in promises_of(AdapterConformance).values() for name in group]
    assert len(names) == len(set(names))


def test_a_property_runs_without_pytest() -> None:
    (verdict,) = verdicts(Memory(), [KEPT], loop="trio")
    assert (verdict.name, verdict.kept, verdict.reason) == (KEPT, True, "")


def test_a_property_that_does_not_apply_says_why() -> None:
    (verdict,) = verdicts(Memory(), ["test_an_accepted_event_survives_a_restart"])
    assert verdict.kept is None
    assert verdict.reason == "what this backend holds is gone with its process"


def test_a_name_of_no_property_is_refused() -> None:
    with pytest.raises(LookupError, match="'test_that_is_not_there' names no property"):
        list(verdicts(Memory(), ["test_that_is_not_there"]))


def test_a_property_that_an_author_leaves_out_is_gone() -> None:
    kit = cast("type[Memory]", type("Own", (Memory,), {KEPT: None}))
    assert KEPT not in promises_of(kit)["delivery"]


def test_a_kit_without_a_factory_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="must define make"):
        AdapterConformance().make(SystemClock(), tmp_path)


@pytest.mark.parametrize(
    ("mutant", "found_by"),
    [
        (ForgetsTheDelayOfARelease, "test_a_released_event_comes_back_after_its_delay"),
        (EndsLeasesEarly, EndsLeasesEarly.caught_by),
    ],
)
def test_what_comes_too_early_in_real_time_is_found(mutant: type[Mutant], found_by: str) -> None:
    kit = kit_of(mutant)
    type(kit).virtual_time = False
    type(kit).patience = 10.0
    (verdict,) = verdicts(kit, [found_by])
    assert verdict.kept is False
    assert "had passed" in verdict.reason


def test_without_pytest_the_kit_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "import eventroute.testing\n"
        "try:\n    import eventroute.testing.conformance\n"
        "except ImportError as error:\n    print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("MissingExtraError the conformance kit runs on pytest")
