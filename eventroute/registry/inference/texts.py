"""What the texts of one place have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from eventroute.registry.inference.bounds import MAX_VALUE_LENGTH, MAX_VALUES
from eventroute.registry.inference.formats import FORMATS, formats_of

__all__ = ["MIN_REPEATS", "MIN_SAMPLES", "Texts"]

MIN_SAMPLES: Final = 30
"""Texts that must have been seen before a place counts as an enum."""
MIN_REPEATS: Final = 3
"""How often each of them must have been seen: one that came once or twice says that there are
others."""
_EVERY: Final = frozenset(FORMATS)


@dataclass(slots=True)
class Texts:
    """A summary that does not depend on the order of what it summarises.

    :ivar values: how often each text was seen; ``None`` once they are too many or too long.
    """

    count: int = 0
    formats: frozenset[str] = _EVERY
    values: dict[str, int] | None = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Take one in."""
        self.count += 1
        if self.formats:
            self.formats = formats_of(text, self.formats)
        if self.values is not None:
            self._count(text, 1)

    def merge(self, other: Texts) -> None:
        """Take in what another has seen."""
        self.count += other.count
        self.formats &= other.formats
        if other.values is None:
            self.values = None
            return
        for text, count in other.values.items():
            self._count(text, count)

    def _count(self, text: str, count: int) -> None:
        if self.values is None:
            return
        if len(text) > MAX_VALUE_LENGTH:
            self.values = None
            return
        self.values[text] = self.values.get(text, 0) + count
        if len(self.values) > MAX_VALUES:
            self.values = None

    @property
    def format(self) -> str | None:
        """The format that every text has."""
        return next((name for name in FORMATS if self.count and name in self.formats), None)

    @property
    def enum(self) -> list[str] | None:
        """The texts, where they are few and each of them repeats; else ``None``."""
        values = self.values
        if values is None or self.count < MIN_SAMPLES or len(values) < 2 or self.format:
            return None
        return sorted(values) if min(values.values()) >= MIN_REPEATS else None
