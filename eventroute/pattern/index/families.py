"""Which operator is kept where: whoever adds one to the language adds a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.index import masks, parts
from eventroute.pattern.operators import (
    CIDR,
    AnythingBut,
    EqualsIgnoreCase,
    Exists,
    Literal,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern.index.masks.part import Masks
    from eventroute.pattern.index.parts.part import Part

__all__ = ["FAMILIES", "UNKNOWN", "Family"]


@dataclass(frozen=True, slots=True)
class Family:
    """What the index knows of an operator.

    :ivar rank: how late the trie asks for it; tests that few events pass come first.
    :ivar part: keeps its tests in a `Table`, which knows bare values, ``exists`` and
        ``anything-but`` itself.
    :ivar masks: keep its tests on a board; without them, a `Column` has a table for others than
        those and ``numeric``.
    :ivar numbers: whether a number may pass.
    """

    rank: int
    part: type[Part] = parts.OneByOne
    masks: type[Masks] | None = None
    numbers: bool = False


UNKNOWN: Final = Family(3, numbers=True)

FAMILIES: Final[Mapping[type[object], Family]] = {
    Text: Family(0),
    Number: Family(0, numbers=True),
    EqualsIgnoreCase: Family(1, parts.Folded),
    Prefix: Family(2, parts.Prefixes, masks.Prefixes),
    Suffix: Family(2, parts.Suffixes, masks.Suffixes),
    CIDR: Family(2, parts.Networks),
    Wildcard: Family(3, parts.Wildcards, masks.Wildcards),
    Literal: Family(4),
    Range: Family(5, parts.Ranges, numbers=True),
    Exists: Family(6, numbers=True),
    AnythingBut: Family(7, numbers=True),
}
"""An operator that is not here is tried test by test."""
