"""How large and how intricate a pattern may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eventroute.errors import LimitExceededError
from eventroute.jsontext import MAX_DEPTH

__all__ = ["DEFAULT_LIMITS", "PatternLimits"]


@dataclass(frozen=True, slots=True)
class PatternLimits:
    """Bounds that keep a stranger's pattern cheap to read and to match.

    Raise them for patterns that you trust and run locally. EventBridge's own quotas are lower
    where that is noted: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html

    :ivar max_bytes: length of the pattern as JSON text, in UTF-8 bytes. EventBridge accepts
        2,048 characters, on request 4,096.
    :ivar max_depth: nesting of objects and arrays, and names in one dotted path; at most 128,
        which is the deepest event.
    :ivar max_combinations: sub-rules that ``$or`` expands to. EventBridge: 1,000.
    :ivar max_clauses: fields, summed over all sub-rules.
    :ivar max_wildcard_stars: ``*`` in one wildcard. EventBridge refuses wildcards that it finds
        too complex, among them one with six.
    :raises LimitExceededError: a limit below 1, or ``max_depth`` above 128.
    """

    max_bytes: int = 65_536
    max_depth: int = 64
    max_combinations: int = 1_000
    max_clauses: int = 50_000
    max_wildcard_stars: int = 5

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_depth", "max_combinations", "max_clauses"):
            value: int = getattr(self, name)
            if value < 1:
                raise LimitExceededError(f"{name}={value} allows no pattern; set it to 1 or more")
        if self.max_wildcard_stars < 0:
            raise LimitExceededError(
                f"max_wildcard_stars={self.max_wildcard_stars} is negative; 0 forbids every *"
            )
        if self.max_depth > MAX_DEPTH:
            raise LimitExceededError(
                f"max_depth={self.max_depth} is over {MAX_DEPTH}, deeper than any event; lower it"
            )


DEFAULT_LIMITS: Final = PatternLimits()
"""What holds unless a caller says otherwise."""
