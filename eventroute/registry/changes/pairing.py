"""Which schemas of two lists are counterparts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute.registry.changes.keywords import show_all

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Pairing", "paired"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Positions in both lists.

    :ivar pairs: of counterparts that may differ.
    :ivar gone: of those in the first list that have no counterpart.
    :ivar come: of those in the second list that have none.
    """

    pairs: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    come: tuple[int, ...]


def paired(before: Sequence[object], after: Sequence[object], *, by_place: bool) -> Pairing:
    """Pair them by their places, or those that say the same, and then the others in their order."""
    gone, come = dict.fromkeys(range(len(before))), dict.fromkeys(range(len(after)))
    pairs: list[tuple[int, int]] = []
    if not by_place:
        known: dict[str, list[int]] = {}
        for index in reversed(gone):
            known.setdefault(show_all(before[index]), []).append(index)
        for index in list(come):
            text = show_all(after[index])
            if known.get(text):
                same = known[text].pop()
                del gone[same], come[index]
                if '"$ref"' in text:  # it may lead to what changed
                    pairs.append((same, index))
    rest = min(len(gone), len(come))
    pairs.extend(zip(gone, come, strict=False))
    return Pairing(tuple(pairs), tuple(gone)[rest:], tuple(come)[rest:])
