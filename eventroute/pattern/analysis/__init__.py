"""What can be said of patterns before any event comes: against a schema, and against each other."""

from __future__ import annotations

from eventroute.pattern.analysis.envelope_names import find_misspelt_names, names_of_no_event
from eventroute.pattern.analysis.finding import Finding, Verdict
from eventroute.pattern.analysis.pairs import ContainedPair, Containment, contained_pairs
from eventroute.pattern.analysis.redundancy import find_redundancies
from eventroute.pattern.analysis.relation import Relation, implies, relation
from eventroute.pattern.analysis.schema import (
    DETAIL_POINTER,
    Field,
    Fields,
    check_against_schema,
    detail_schema,
)

__all__ = [
    "DETAIL_POINTER",
    "ContainedPair",
    "Containment",
    "Field",
    "Fields",
    "Finding",
    "Relation",
    "Verdict",
    "check_against_schema",
    "contained_pairs",
    "detail_schema",
    "find_misspelt_names",
    "find_redundancies",
    "implies",
    "names_of_no_event",
    "relation",
]
