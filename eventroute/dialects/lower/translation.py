"""One schema on its way."""

from __future__ import annotations

from typing import Any

__all__ = ["Translation"]


class Translation:
    """What a schema becomes.

    :ivar out: its keywords.
    :ivar also: schemas that must hold beside them.
    :ivar exact: whether nothing was left out so far.
    """

    __slots__ = ("also", "exact", "out")

    def __init__(self) -> None:
        self.out: dict[str, Any] = {}
        self.also: list[dict[str, Any]] = []
        self.exact = True

    def whole(self) -> dict[str, Any]:
        """The schema."""
        if self.also:
            self.out["allOf"] = [*self.out.get("allOf", ()), *self.also]
        return self.out
