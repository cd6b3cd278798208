"""Which patterns an event nearly matched."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from eventroute.pattern.explain import explain
from eventroute.pattern.index.leaf import Finding, passes
from eventroute.pattern.match import Matching, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.pattern.event_values import Object
    from eventroute.pattern.explanation import Explanation
    from eventroute.pattern.index.node import Entry

__all__ = ["NearMiss", "nearest"]

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class NearMiss(Generic[Name]):
    """A pattern that an event does not match. ``str()`` gives readable text.

    :ivar name: its name in the index.
    :ivar met: how many fields the event meets, of the alternative of ``$or`` that comes nearest.
        All of them, where only no single element of an array meets those that ask for one.
    :ivar fields: how many fields that alternative tests.
    :ivar explanation: what holds, what does not, and why.
    """

    name: Name
    met: int
    fields: int
    explanation: Explanation

    @property
    def summary(self) -> str:
        """One line: by how much the pattern was missed."""
        if self.met < self.fields:
            return f"{self.name} meets {self.met} of {self.fields} fields"
        each = "its only field" if self.fields == 1 else f"each of {self.fields} fields"
        return f"{self.name} meets {each}, but not in one element of an array"

    def __str__(self) -> str:
        _, *lines = str(self.explanation).splitlines()
        return "\n".join([f"✗ {self.summary}", *lines])


def nearest(
    patterns: Iterable[tuple[Name, tuple[Entry[Name], ...]]],
    document: Object,
    findings: Mapping[str, Finding],
    limit: int,
) -> list[NearMiss[Name]]:
    """The patterns that miss by the fewest fields, of those the ones that meet most.

    Every pattern is tried.

    :param findings: what the event holds at every path that a pattern names.
    """
    matching = Matching(document)
    misses: list[tuple[int, int, int, Name, tuple[Entry[Name], ...]]] = []
    for name, entries in patterns:
        best = min(_missed(entry, findings) for entry in entries)
        if best[0] or not matching.satisfies_any(build(entry.rule) for entry in entries):
            misses.append((*best, entries[0].number, name, entries))
    return [
        NearMiss(name, -met, missed - met, explain([build(one.rule) for one in entries], document))
        for missed, met, _, name, entries in nsmallest(limit, misses, key=lambda miss: miss[:3])
    ]


def _missed(entry: Entry[Any], findings: Mapping[str, Finding]) -> tuple[int, int]:
    """How many clauses the event fails, and minus how many it meets."""
    met = sum(passes(findings[clause.path], clause.matchers) for clause in entry.rule)
    return len(entry.rule) - met, -met
