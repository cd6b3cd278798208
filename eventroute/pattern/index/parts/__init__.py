"""How the index finds, among many tests of one path, those that a leaf passes.

One file an operator family. An operator without a part of its own is tried test by test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.index.parts.affixes import Prefixes, Suffixes
from eventroute.pattern.index.parts.folded import Folded
from eventroute.pattern.index.parts.networks import Networks
from eventroute.pattern.index.parts.one_by_one import OneByOne
from eventroute.pattern.index.parts.ranges import Ranges
from eventroute.pattern.index.parts.wildcards import Wildcards
from eventroute.pattern.operators import (
    CIDR,
    EqualsIgnoreCase,
    Prefix,
    Range,
    Suffix,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern.index.parts.part import Part

__all__ = ["PARTS", "OneByOne"]

PARTS: Final[Mapping[type[object], type[Part]]] = {
    CIDR: Networks,
    EqualsIgnoreCase: Folded,
    Prefix: Prefixes,
    Range: Ranges,
    Suffix: Suffixes,
    Wildcard: Wildcards,
}
"""Which part keeps the tests of which operator."""
