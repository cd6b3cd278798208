"""Names for the kinds of tests, nesting included: what a dialect lists as its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators import AnythingBut, Number, Prefix, Suffix, Text

if TYPE_CHECKING:
    from eventroute.pattern.operators import Matcher

__all__ = ["ALL_FORMS", "SNS_FORMS", "form"]

SNS_FORMS: Final = frozenset(
    {
        "equals",
        "prefix",
        "suffix",
        "equals-ignore-case",
        "numeric",
        "cidr",
        "exists",
        "anything-but",
    }
)
"""Not among them: ``wildcard``, which came to SNS in 2025, because how it counts complexity is not
documented well enough; and ``anything-but prefix``, because it is not known whether SNS lets
numbers through it, as EventBridge does: a filter must not let less through than the pattern."""

ALL_FORMS: Final = SNS_FORMS | {
    "prefix equals-ignore-case",
    "suffix equals-ignore-case",
    "wildcard",
    "anything-but prefix",
    "anything-but prefix list",
    "anything-but suffix",
    "anything-but suffix list",
    "anything-but equals-ignore-case",
    "anything-but equals-ignore-case list",
    "anything-but wildcard",
    "anything-but wildcard list",
}
"""Everything that the pattern language has."""


def form(test: Matcher) -> str:
    """The kind of a test. A number is ``numeric``: only there is it compared by value."""
    match test:
        case Number():
            return "numeric"
        case Prefix(ignore_case=True) | Suffix(ignore_case=True):
            return f"{test.operator} equals-ignore-case"
        case AnythingBut():
            nested = test.excluded[0]
            if isinstance(nested, Text | Number):
                return test.operator
            several = " list" if len(test.excluded) > 1 else ""
            return f"{test.operator} {nested.operator}{several}"
        case _:
            return test.operator
