"""What an event holds at one path, as the index sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from eventroute.pattern.event_values import leaves
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.operators import Matcher

__all__ = [
    "ABSENT",
    "NO_WAYS",
    "SCALARS",
    "Finding",
    "UnusualEventError",
    "finding",
    "leaves_of",
    "passes",
]

ABSENT: Final = msgspec.UNSET
"""No leaf at the path. It is what msgspec leaves in a field that the text does not have."""

SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""The types of leaves."""

Finding: TypeAlias = Any
"""A scalar; an array, whose leaves count; anything else, such as `ABSENT`, is no leaf."""

NO_WAYS: Final[frozenset[tuple[str, ...]]] = frozenset()
"""No names on the way to a path: what most events have for arrays, and most rules in common."""


class UnusualEventError(Exception):
    """The event cannot be read path by path; read the whole of it instead."""


def finding(found: Sequence[Finding]) -> Finding:
    """Bundle what was found at one path."""
    if not found:
        return ABSENT
    return found[0] if len(found) == 1 else found


def leaves_of(found: list[Finding]) -> list[Scalar]:
    """The leaves of an array."""
    return [leaf for leaf in leaves(found) if type(leaf) in SCALARS]


def passes(found: Finding, matchers: tuple[Matcher, ...]) -> bool:
    """Tell whether some leaf passes some test, or absence does."""
    if type(found) in SCALARS:
        for test in matchers:  # noqa: SIM110  a generator would cost as much as the tests
            if test.matches(found):
                return True
        return False
    several = leaves_of(found) if type(found) is list else ()
    if several:
        return any(test.matches(leaf) for leaf in several for test in matchers)
    return any(isinstance(test, Exists) and not test.present for test in matchers)
