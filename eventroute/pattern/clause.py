"""A pattern in normal form: alternatives of clauses, each clause one path and its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from eventroute.pattern.operators import Exists, Matcher

if TYPE_CHECKING:
    from eventroute.pattern.json_values import JSON

__all__ = ["Clause", "SubRule", "to_json"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One field that must pass one of several tests.

    :ivar path: names of members joined with dots. A name with dots in it is several names.
    :ivar pointer: JSON pointer to the list of tests in the pattern.
    :ivar matchers: the tests; one suffices.
    """

    path: str
    pointer: str
    matchers: tuple[Matcher, ...]

    @property
    def segments(self) -> list[str]:
        """The path as single names."""
        return self.path.split(".")

    @property
    def accepts_absence(self) -> bool:
        """Whether ``{"exists": false}`` is among the tests."""
        return any(isinstance(test, Exists) and not test.present for test in self.matchers)


SubRule: TypeAlias = tuple[Clause, ...]
"""One alternative: all its clauses must hold. ``$or`` makes several of them."""


def to_json(sub_rules: tuple[SubRule, ...]) -> dict[str, JSON]:
    """Write sub-rules as a pattern that means the same."""
    alternatives: list[dict[str, JSON]] = [
        {clause.path: [test.to_json() for test in clause.matchers] for clause in rule}
        for rule in sub_rules
    ]
    if len(alternatives) == 1:
        return alternatives[0]
    return {"$or": list(alternatives)}
