"""What is said of two versions of a contract: a verdict, with what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

__all__ = ["Change", "Compatibility", "Direction", "Mode", "Profile", "Verdict"]

Mode: TypeAlias = Literal[
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
    "NONE",
]
"""Which events must stay readable: ``BACKWARD``: who reads by the new schema reads what was written
by the old; ``FORWARD``: the reverse; ``FULL``: both. The transitive forms ask it of every earlier
version, the others of the latest."""

Direction: TypeAlias = Literal["BACKWARD", "FORWARD"]

Profile: TypeAlias = Literal["strict", "registry"]
"""``strict`` is the truth: every event that fits the one schema fits the other. ``registry`` also
accepts what registries of Kafka's field accept."""


class Verdict(StrEnum):
    """Whether the events that fit one schema fit the other, too."""

    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two schemas.

    :ivar pointer: JSON pointer to the place: in the new schema, or in the old one of what is gone.
    :ivar kind: what happened, such as ``"property-removed"`` or ``"maximum-lowered"``.
    :ivar text: the same for people, in one sentence.
    :ivar breaks: the directions in which this change alone lets events fail.
    """

    pointer: str
    kind: str
    text: str
    breaks: tuple[Direction, ...] = ()


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The judgement.

    :ivar witness: a JSON value that fits one of the schemas and not the other, where the verdict is
        ``incompatible``; ``None`` otherwise (which is a witness, too: of schemas that differ in
        ``null``).
    :ivar direction: in which direction the witness breaks: by ``BACKWARD`` it fits the old schema
        and not the new.
    :ivar pointer: the place in the schema that refuses the witness.
    :ivar against: the index of the earlier schema that the witness is about; 0 where there is one.
    :ivar reason: why, in one sentence.
    :ivar changes: every difference from the latest earlier schema, whatever the verdict.
    """

    verdict: Verdict
    mode: Mode
    reason: str
    changes: tuple[Change, ...] = ()
    witness: object = None
    direction: Direction | None = None
    pointer: str = ""
    against: int = 0

    def __bool__(self) -> bool:
        """Whether it is certain that nothing breaks."""
        return self.verdict is Verdict.COMPATIBLE
