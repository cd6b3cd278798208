"""What `narrow` returns: the weaker pattern, and what it leaves to the library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventroute.pattern.source import write

__all__ = ["Narrowed", "Omission"]


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that a dialect cannot say.

    :ivar pointer: JSON pointer into the original pattern.
    :ivar what: what was dropped or weakened, and into what.
    :ivar why: the limit or the missing operator.
    :ivar remedy: what would let the dialect carry it.
    """

    pointer: str
    what: str
    why: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """JSON values."""
        return {
            "pointer": self.pointer,
            "what": self.what,
            "why": self.why,
            "remedy": self.remedy,
        }

    def __str__(self) -> str:
        return f"{self.pointer}: {self.what}: {self.why}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A pattern as a dialect carries it. Lets through everything that the original matches.

    :ivar pattern: the rule's event pattern, or the filter policy; ``None`` lets everything
        through, for no part of the original can be carried. Treat it as immutable.
    :ivar left_out: what the dialect does not test, each place of the original once.
    """

    pattern: dict[str, Any] | None
    left_out: tuple[Omission, ...]

    @property
    def exact(self) -> bool:
        """Whether nothing else is let through."""
        return not self.left_out

    def to_json(self) -> str | None:
        """The pattern as compact JSON text, as it is sent to AWS."""
        return None if self.pattern is None else write(self.pattern)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return {
            "pattern": self.pattern,
            "exact": self.exact,
            "left_out": [omission.to_dict() for omission in self.left_out],
        }
