"""What `Pattern.explain` returns: data first, text from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.pattern.json_values import JSON, Scalar, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ExplainedAlternative",
    "ExplainedClause",
    "ExplainedElement",
    "ExplainedTest",
    "Explanation",
]

_MOST_ALTERNATIVES: Final = 20
_MOST_TESTS: Final = 20


@dataclass(frozen=True, slots=True)
class ExplainedTest:
    """One test of a clause.

    :ivar pointer: JSON pointer to the test in the pattern.
    :ivar operator: ``"equals"`` for a bare value.
    :ivar test: the test as it stands in the pattern's list.
    :ivar reason: why the value failed; ``None`` where it passed.
    :ivar value: the leaf that passed, or came nearest; ``None`` also where there is no leaf.
    """

    pointer: str
    operator: str
    test: JSON
    matched: bool
    reason: str | None
    value: Scalar

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "pointer": self.pointer,
            "operator": self.operator,
            "test": self.test,
            "matched": self.matched,
            "reason": self.reason,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class ExplainedClause:
    """One field, on its own: other clauses may ask for another element of the same array.

    :ivar path: names of members joined with dots.
    :ivar pointer: JSON pointer to the list of tests in the pattern.
    :ivar values: the first leaves found at the path.
    :ivar found: how many leaves were found.
    :ivar reason: why it failed; ``None`` where it passed.
    """

    path: str
    pointer: str
    matched: bool
    values: tuple[Scalar, ...]
    found: int
    tests: tuple[ExplainedTest, ...]
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "path": self.path,
            "pointer": self.pointer,
            "matched": self.matched,
            "values": list(self.values),
            "found": self.found,
            "tests": [test.to_dict() for test in self.tests],
            "reason": self.reason,
        }

    def lines(self) -> Iterator[str]:
        """Readable text."""
        if self.matched:
            passed = next(test for test in self.tests if test.matched)
            value = shown(passed.value) if self.found else "nothing"
            one_of = f" (one of {self.found:,} values)" if self.found > 1 else ""
            yield f"✓ {self.path}: {value} passes {shown(passed.test)}{one_of}"
        elif len(self.tests) == 1 or not self.found:
            yield f"✗ {self.path}: {self.reason} (wanted {self.wanted()})"
        else:
            yield f"✗ {self.path}: {self.reason}"
            for test in self.tests[:_MOST_TESTS]:
                yield f"    ✗ {shown(test.test)}: {test.reason}"

    def wanted(self) -> str:
        """The tests, readable; one suffices."""
        tests = ", ".join(shown(test.test) for test in self.tests[:_MOST_TESTS])
        return tests if len(self.tests) == 1 else f"one of {tests}"


@dataclass(frozen=True, slots=True)
class ExplainedElement:
    """One element of an array in which no element satisfies all clauses that ask for one.

    :ivar pointer: JSON pointer to the element in the event.
    :ivar met: paths of the clauses that it satisfies.
    :ivar failed: the others, for what this element holds.
    """

    pointer: str
    met: tuple[str, ...]
    failed: tuple[ExplainedClause, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "pointer": self.pointer,
            "met": list(self.met),
            "failed": [clause.to_dict() for clause in self.failed],
        }


@dataclass(frozen=True, slots=True)
class ExplainedAlternative:
    """One way to match; ``$or`` makes several.

    :ivar clauses: what this alternative asks for; all of it must hold.
    :ivar reason: why it failed; ``None`` where it matched.
    :ivar elements: where only no single element of an array satisfies all clauses below it, some
        of its elements, those first that miss by the fewest clauses.
    """

    matched: bool
    clauses: tuple[ExplainedClause, ...]
    reason: str | None
    elements: tuple[ExplainedElement, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "matched": self.matched,
            "reason": self.reason,
            "clauses": [clause.to_dict() for clause in self.clauses],
            "elements": [element.to_dict() for element in self.elements],
        }

    def lines(self) -> Iterator[str]:
        """Readable text."""
        for clause in self.clauses:
            yield from clause.lines()
        if self.reason is not None and all(clause.matched for clause in self.clauses):
            yield f"✗ {self.reason}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event matches a pattern, or does not. ``str()`` gives readable text.

    :ivar matched: what `Pattern.matches` says.
    :ivar alternatives: one suffices; a pattern without ``$or`` has one.
    """

    matched: bool
    alternatives: tuple[ExplainedAlternative, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "matched": self.matched,
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "✓ the event matches" if self.matched else "✗ the event does not match"
        if len(self.alternatives) == 1:
            yield from (f"  {line}" for line in self.alternatives[0].lines())
            return
        total = len(self.alternatives)
        for number, alternative in enumerate(self.alternatives[:_MOST_ALTERNATIVES], 1):
            yield f"  {'✓' if alternative.matched else '✗'} alternative {number} of {total}"
            yield from (f"    {line}" for line in alternative.lines())
        if total > _MOST_ALTERNATIVES:
            yield f"  … and {total - _MOST_ALTERNATIVES} more alternatives"
