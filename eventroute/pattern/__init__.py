"""EventBridge's event-pattern language: read a pattern, match events, explain the outcome."""

from __future__ import annotations

from eventroute.pattern.event_values import EventLike
from eventroute.pattern.explanation import (
    ExplainedAlternative,
    ExplainedClause,
    ExplainedElement,
    ExplainedTest,
    Explanation,
)
from eventroute.pattern.index import NearMiss, PatternIndex
from eventroute.pattern.limits import PatternLimits
from eventroute.pattern.pattern import Pattern

__all__ = [
    "EventLike",
    "ExplainedAlternative",
    "ExplainedClause",
    "ExplainedElement",
    "ExplainedTest",
    "Explanation",
    "NearMiss",
    "Pattern",
    "PatternIndex",
    "PatternLimits",
]
