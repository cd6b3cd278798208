"""How long a value may be: the least and the most characters, elements or members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.registry.inclusion.formula import Size

__all__ = ["Span"]


@dataclass(slots=True)
class Span:
    """Both included; no most where ``most`` is ``None``."""

    least: int = 0
    most: int | None = None

    def narrow(self, test: Size, sign: bool) -> None:
        """Let a test hold, or its negation."""
        if test.upper is sign:
            limit = test.bound if sign else test.bound - 1
            self.most = limit if self.most is None else min(self.most, limit)
        else:
            self.least = max(self.least, test.bound if sign else test.bound + 1)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is so long."""
        return self.most is not None and self.least > self.most
