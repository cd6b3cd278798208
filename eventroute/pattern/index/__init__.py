"""Many patterns against one event: a trie of clauses, so that most rules are never looked at."""

from __future__ import annotations

from eventroute.pattern.index.nearest import NearMiss
from eventroute.pattern.index.pattern_index import PatternIndex

__all__ = ["NearMiss", "PatternIndex"]
