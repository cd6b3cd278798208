"""What an analysis found at one place of a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Verdict"]


class Verdict(Enum):
    """What is certain, except for ``SUSPICIOUS``, which is a guess at a mistake.

    ``NEVER``: no event passes. ``ALWAYS``: every event passes. ``SUSPICIOUS``: the schema does not
    declare the field, though it does not forbid it, or its name is nearly that of a member that
    every event has. ``REDUNDANT``: the pattern means the same
    without it.
    """

    NEVER = "never"
    ALWAYS = "always"
    SUSPICIOUS = "suspicious"
    REDUNDANT = "redundant"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place of a pattern, and what is wrong or superfluous there.

    :ivar pointer: JSON pointer into the pattern: to a list of tests, to one test of it, to an
        alternative of ``$or``, or ``""`` for the whole pattern.
    :ivar reason: a sentence for people.
    :ivar schema_pointer: JSON pointer to the place in the schema that decides; ``None`` where no
        schema does.
    :ivar related: pointers to the other lists of tests that take part in a contradiction. Each of
        them alone can pass, all together cannot.
    """

    pointer: str
    verdict: Verdict
    reason: str
    schema_pointer: str | None = None
    related: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The finding as JSON values."""
        return {
            "pointer": self.pointer,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "schema_pointer": self.schema_pointer,
            "related": list(self.related),
        }

    def __str__(self) -> str:
        return f"{self.verdict.value} at {self.pointer or 'its top'}: {self.reason}"
