"""On a board, how the rules are found that ask for what a leaf is: one file an operator family.

An operator without masks of its own is kept in a `Table`, as in the trie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.index.masks.affixes import Prefixes, Suffixes, discard
from eventroute.pattern.index.masks.line import EXACT, Line
from eventroute.pattern.index.masks.wildcards import Wildcards
from eventroute.pattern.operators import Prefix, Suffix, Wildcard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern.index.masks.part import Masks

__all__ = ["EXACT", "MASKS", "Line", "discard"]

MASKS: Final[Mapping[type[object], type[Masks]]] = {
    Prefix: Prefixes,
    Suffix: Suffixes,
    Wildcard: Wildcards,
}
"""Which masks keep the tests of which operator of strings."""
