"""What a changed contract would break in an application: its rules, its keys, its handlers."""

from __future__ import annotations

from eventroute.impact.effect import Effect, EffectKind, Impact, Severity
from eventroute.impact.impact import impact
from eventroute.impact.review import review
from eventroute.impact.reviewed import Review, Reviewed, Status

__all__ = [
    "Effect",
    "EffectKind",
    "Impact",
    "Review",
    "Reviewed",
    "Severity",
    "Status",
    "impact",
    "review",
]
