"""How the index finds, among many tests of one path, those that a leaf passes.

One file an operator family. An operator without a part of its own is tried test by test.
"""

from __future__ import annotations

from eventroute.pattern.index.parts.affixes import Prefixes, Suffixes
from eventroute.pattern.index.parts.folded import Folded
from eventroute.pattern.index.parts.networks import Networks
from eventroute.pattern.index.parts.one_by_one import OneByOne
from eventroute.pattern.index.parts.ranges import Ranges
from eventroute.pattern.index.parts.wildcards import Wildcards

__all__ = ["Folded", "Networks", "OneByOne", "Prefixes", "Ranges", "Suffixes", "Wildcards"]
