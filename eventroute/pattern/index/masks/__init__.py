"""On a board, how the rules are found that ask for what a leaf is: one file an operator family.

An operator without masks of its own is kept in a `Table`, as in the trie.
"""

from __future__ import annotations

from eventroute.pattern.index.masks.affixes import Prefixes, Suffixes
from eventroute.pattern.index.masks.line import EXACT, Line
from eventroute.pattern.index.masks.wildcards import Wildcards

__all__ = ["EXACT", "Line", "Prefixes", "Suffixes", "Wildcards"]
