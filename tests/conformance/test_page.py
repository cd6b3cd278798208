"""The page tells of the properties and mutants that there are."""

from __future__ import annotations

import re

from eventroute.testing.conformance import AdapterConformance, promises_of

from .mutants import MUTANTS
from .report import PAGE, sentence, told


def rows(mark: str) -> list[list[str]]:
    """The cells of the tables between two marks, without their heads."""
    page = PAGE.read_text(encoding="utf-8")
    part = page.partition(f"<!-- begin {mark} -->")[2].partition(f"<!-- end {mark} -->")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines]
    found = [[cell.strip() for cell in row] for row in cells]
    return [row for row in found if row[0] not in {"property", "what is broken", "---"}]


def test_every_property_is_in_the_page_in_its_order() -> None:
    names = [sentence(name) for group in promises_of(AdapterConformance).values() for name in group]
    assert [row[0] for row in rows("properties")] == names, "run: make conformance"


def test_no_property_is_broken() -> None:
    verdicts = {cell for row in rows("properties") for cell in row[1:]}
    assert verdicts == {"kept", "does not apply"}


def test_every_mutant_is_in_the_page_with_the_property_that_finds_it() -> None:
    expected = [[told(one.__doc__), sentence(one.caught_by)] for one in MUTANTS]
    assert rows("mutants") == expected, "run: make conformance"
