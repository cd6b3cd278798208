"""Which topics a pattern is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.pattern.pattern import Pattern

__all__ = ["sources_of"]


def sources_of(pattern: Pattern) -> frozenset[str] | None:
    """The sources whose events may match; ``None`` where the pattern does not name them."""
    found: set[str] = set()
    for rule in pattern.sub_rules:
        named: list[frozenset[str]] = []
        for clause in rule:
            tests = [test.to_json() for test in clause.matchers]
            names = [test for test in tests if isinstance(test, str)]  # a bare text is equality
            if clause.path == "source" and len(names) == len(tests):
                named.append(frozenset(names))
        if not named:
            return None
        found |= frozenset.intersection(*named)
    return frozenset(found)
