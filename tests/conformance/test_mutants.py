"""Each broken adapter is found, by the property that is about what is broken."""

from __future__ import annotations

import pytest

from eventroute.testing.conformance import verdicts

from .mutants import MUTANTS, Mutant, SharedMemory, kit_of


class TestSharedMemory(SharedMemory):
    """The mutants' own base is sound: what a property finds in them is their mutation."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_adapter_is_found(mutant: type[Mutant]) -> None:
    (verdict,) = verdicts(kit_of(mutant), [mutant.caught_by])
    assert verdict.kept is False, f"{mutant.__name__}: {mutant.__doc__}"
    assert verdict.reason.startswith(f"{mutant.found_as.__name__}: "), verdict.reason


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_told_in_one_sentence(mutant: type[Mutant]) -> None:
    assert (mutant.__doc__ or "").endswith(".")
