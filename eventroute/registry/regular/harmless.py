"""Which expressions a backtracking matcher reads in linear time.

Python's ``re`` is written in C, and many times faster than an automaton in Python. It may read an
expression where the next character always decides which way to go (A. Brüggemann-Klein and
D. Wood, "One-Unambiguous Regular Languages", 1998), or where there are few ways at all.
"""

from __future__ import annotations

from typing import Final

from eventroute.registry.regular.character_sets import NONE, CharacterSet, overlap, union
from eventroute.registry.regular.syntax import (
    Ahead,
    Choice,
    End,
    Loop,
    One,
    Part,
    Sequence,
    Start,
    weight,
)

__all__ = ["harmless"]

_MOST_WAYS: Final = 1000
_MOST_WORK: Final = 10_000
_MOST_FROM_EVERY_PLACE: Final = 256


def harmless(part: Part) -> Part | None:
    """Return an expression that is found in the same texts, and harmless; ``None`` if unknown."""
    branches = part.parts if isinstance(part, Choice) else (part,)
    mended = [_branch(branch) for branch in branches]
    found = tuple(branch for branch in mended if branch is not None)
    if len(found) < len(mended) or len(found) > _MOST_FROM_EVERY_PLACE:
        return None
    return Choice(found)


def _branch(branch: Part) -> Part | None:
    parts: list[Part] = list(branch.parts) if isinstance(branch, Sequence) else [branch]
    anchored = bool(parts) and isinstance(parts[0], Start)
    ended = len(parts) > anchored and isinstance(parts[-1], End)
    inner = parts[anchored : len(parts) - ended]
    if inner and not anchored:
        inner[0] = _shortened(inner[0])
    if inner and not ended:
        inner[-1] = _shortened(inner[-1])
    body = Sequence(tuple(inner))
    if _has_place(body):
        return None
    ways = _ways(body)
    decided = _decided(body, NONE)
    if anchored:
        fine = decided or (ways is not None and ways * weight(body) <= _MOST_WORK)
    else:
        cost = None if ways is None else (1 if decided else ways) * weight(body)
        fine = cost is not None and cost <= _MOST_FROM_EVERY_PLACE
    if not fine:
        return None
    return Sequence((*parts[:anchored], body, *parts[len(parts) - ended :]))


def _shortened(part: Part) -> Part:
    """At an open end of an expression, what may be more need not be."""
    if isinstance(part, Loop) and not _has_place(part):
        return Loop(part.part, part.least, part.least)
    return part


def _has_place(part: Part) -> bool:
    if isinstance(part, Sequence | Choice):
        return any(map(_has_place, part.parts))
    if isinstance(part, Loop):
        return _has_place(part.part)
    return isinstance(part, Start | End | Ahead)


def _ways(part: Part) -> int | None:
    """Return how many ways through the part there are; ``None`` for too many."""
    ways: int | None = 1
    match part:
        case Sequence():
            for inner in part.parts:
                ways = _product(ways, _ways(inner))
        case Choice():
            found = [_ways(inner) for inner in part.parts]
            ways = sum(way or _MOST_WAYS + 1 for way in found)
        case Loop():
            ways = _looped_ways(_ways(part.part), part)
        case _:
            pass
    return ways if ways is not None and ways <= _MOST_WAYS else None


def _product(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left * right


def _looped_ways(once: int | None, loop: Loop) -> int | None:
    if loop.most is None or once is None:
        return None
    if once == 1:
        return loop.most - loop.least + 1
    if loop.most > 10:
        return None
    return sum(int(once**times) for times in range(loop.least, loop.most + 1))


def _decided(part: Part, following: CharacterSet) -> bool:
    """Whether the next character always decides which way to go on.

    :param following: the characters that may come after the part.
    """
    match part:
        case Sequence():
            decided = _decided_in_turn(part.parts, following)
        case Choice():
            decided = _apart(part, following)
            decided = decided and all(_decided(inner, following) for inner in part.parts)
        case Loop():
            again = _first(part.part)
            counted = part.least == part.most
            decided = not _nullable(part.part) and (counted or not overlap(again, following))
            decided = decided and _decided(part.part, union(again + following))
        case _:
            decided = True
    return decided


def _decided_in_turn(parts: tuple[Part, ...], following: CharacterSet) -> bool:
    for part in reversed(parts):
        if not _decided(part, following):
            return False
        following = union(_first(part) + following) if _nullable(part) else _first(part)
    return True


def _apart(choice: Choice, following: CharacterSet) -> bool:
    taken: CharacterSet = NONE
    if any(map(_nullable, choice.parts)):
        if sum(map(_nullable, choice.parts)) > 1:
            return False
        taken = following
    for inner in choice.parts:
        first = _first(inner)
        if overlap(taken, first):
            return False
        taken = union(taken + first)
    return True


def _first(part: Part) -> CharacterSet:
    match part:
        case One():
            return part.characters
        case Sequence():
            found: CharacterSet = NONE
            for inner in part.parts:
                found = union(found + _first(inner))
                if not _nullable(inner):
                    break
            return found
        case Choice():
            return union(pair for inner in part.parts for pair in _first(inner))
        case Loop():
            return _first(part.part) if part.most != 0 else NONE
        case _:
            return NONE


def _nullable(part: Part) -> bool:
    match part:
        case One():
            return False
        case Sequence():
            return all(map(_nullable, part.parts))
        case Choice():
            return any(map(_nullable, part.parts))
        case Loop():
            return part.least == 0 or _nullable(part.part)
        case _:
            return True
