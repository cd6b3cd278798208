"""What keeps the memory of an inference constant, whatever is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "MAX_DEPTH",
    "MAX_IN_ALL",
    "MAX_LOOKED_AT",
    "MAX_NAMES",
    "MAX_NAME_LENGTH",
    "MAX_PLACES",
    "MAX_TYPES",
    "MAX_VALUES",
    "MAX_VALUE_LENGTH",
    "Room",
]

MAX_TYPES: Final = 1000
"""Event types; events of further ones are left out, and counted."""
MAX_PLACES: Final = 20_000
"""Places of one event type that are told apart."""
MAX_IN_ALL: Final = 5
"""How many times as many places all event types have together."""
MAX_DEPTH: Final = 32
"""Levels of objects and arrays; what lies deeper is not looked into."""
MAX_NAMES: Final = 512
"""Member names of one object; with more it is a map."""
MAX_NAME_LENGTH: Final = 128
"""Characters of a member name; a longer one is taken for the key of a map."""
MAX_VALUES: Final = 16
"""Different texts that are kept of one place; with more it is no enum."""
MAX_VALUE_LENGTH: Final = 40
"""Characters of a text that may belong to an enum."""
MAX_LOOKED_AT: Final = 2048
"""Characters of a text that may have a format."""


@dataclass(slots=True)
class Room:
    """How many places may still be made.

    :ivar around: the room of all event types together, which is taken from as well.
    """

    left: int = MAX_PLACES
    around: Room | None = None

    def take(self) -> bool:
        """Ask for a place."""
        if not self.left or (self.around is not None and not self.around.take()):
            return False
        self.left -= 1
        return True

    def give(self, count: int) -> None:
        """Give places back."""
        self.left += count
        if self.around is not None:
            self.around.give(count)
