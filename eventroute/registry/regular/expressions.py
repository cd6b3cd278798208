"""Regular expressions with intersection and complement, each built once.

The constructors simplify, so that expressions that are plainly the same are the same object.
That keeps the derivatives of an expression finitely many: J. Brzozowski, "Derivatives of Regular
Expressions" (1964), with sums in normal form as in V. Antimirov, "Partial Derivatives" (1996).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakValueDictionary

from eventroute.registry.regular.character_sets import ALL, CharacterSet, intersection, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "ANY",
    "ANYTHING",
    "EMPTY",
    "NOTHING",
    "SOMETHING",
    "Both",
    "Characters",
    "Either",
    "Expression",
    "Not",
    "Repeat",
    "Then",
    "both",
    "characters",
    "either",
    "no",
    "nonempty",
    "repeat",
    "then",
]

_HEAVIEST: Final = 100_000
"""Nodes that share parts would seem heavier than they are, without end."""


class Expression:
    """One node. Equal nodes are the same object.

    :ivar nullable: whether the empty text belongs to it.
    :ivar depth: how deep a derivative has to recurse.
    :ivar weight: about how many nodes a derivative has to look at.
    """

    __slots__ = ("__weakref__", "depth", "nullable", "weight")

    def __init__(self, depth: int, weight: int, *, nullable: bool) -> None:
        self.depth: Final = depth
        self.weight: Final = min(weight, _HEAVIEST)
        self.nullable: Final = nullable


class Characters(Expression):
    """One character of a set; of the empty set, no text at all."""

    __slots__ = ("characters",)

    def __init__(self, characters: CharacterSet) -> None:
        super().__init__(1, 1, nullable=False)
        self.characters: Final = characters


class Then(Expression):
    """One text and then another. ``head`` is neither a ``Then`` nor an ``Either``."""

    __slots__ = ("head", "tail")

    def __init__(self, head: Expression, tail: Expression) -> None:
        super().__init__(
            max(head.depth + 1, tail.depth),
            1 + head.weight + (tail.weight if head.nullable else 0),
            nullable=head.nullable and tail.nullable,
        )
        self.head: Final = head
        self.tail: Final = tail


class Repeat(Expression):
    """Texts of one kind, ``least`` to ``most`` of them; ``None`` for any number."""

    __slots__ = ("body", "least", "most")

    def __init__(self, body: Expression, least: int, most: int | None) -> None:
        super().__init__(body.depth + 1, 1 + body.weight, nullable=least == 0)
        self.body: Final = body
        self.least: Final = least
        self.most: Final = most


class Either(Expression):
    """Texts of any of the parts."""

    __slots__ = ("parts",)

    def __init__(self, parts: frozenset[Expression]) -> None:
        nullable = any(part.nullable for part in parts)
        super().__init__(_depth(parts), _weight(parts), nullable=nullable)
        self.parts: Final = parts


class Both(Expression):
    """Texts of all of the parts."""

    __slots__ = ("parts",)

    def __init__(self, parts: frozenset[Expression]) -> None:
        nullable = all(part.nullable for part in parts)
        super().__init__(_depth(parts), _weight(parts), nullable=nullable)
        self.parts: Final = parts


class Not(Expression):
    """All other texts."""

    __slots__ = ("part",)

    def __init__(self, part: Expression) -> None:
        super().__init__(part.depth + 1, 1 + part.weight, nullable=not part.nullable)
        self.part: Final = part


def _depth(parts: Iterable[Expression]) -> int:
    return 1 + max(part.depth for part in parts)


def _weight(parts: Iterable[Expression]) -> int:
    return 1 + sum(part.weight for part in parts)


_E = TypeVar("_E", bound=Expression)
# Two threads may build the same node twice: that costs a state more, and nothing else.
_KNOWN: Final[WeakValueDictionary[tuple[object, ...], Expression]] = WeakValueDictionary()


def _once(make: Callable[..., _E], *arguments: object) -> Expression:
    key = (make, *arguments)
    found = _KNOWN.get(key)
    if found is None:
        found = _KNOWN[key] = make(*arguments)
    return found


def characters(of: CharacterSet) -> Expression:
    """One character of a set."""
    return _once(Characters, of)


NOTHING: Final = characters(())
"""No text at all."""
ANY: Final = characters(ALL)
"""Any one character."""
ANYTHING: Final = _once(Repeat, ANY, 0, None)
"""Every text."""
SOMETHING: Final = _once(Repeat, ANY, 1, None)
"""Every text but the empty one."""
EMPTY: Final = _once(Repeat, NOTHING, 0, 0)
"""The empty text alone."""


def then(head: Expression, tail: Expression) -> Expression:
    """One text and then another."""
    if head is NOTHING or tail is NOTHING:
        return NOTHING
    if tail is EMPTY:
        return head
    heads: list[Expression] = []
    while isinstance(head, Then):
        heads.append(head.head)
        head = head.tail
    if isinstance(head, Either):
        tail = either(then(part, tail) for part in head.parts)
    elif head is not EMPTY and not (head is ANYTHING and _starts_with_anything(tail)):
        tail = _once(Then, head, tail)
    for part in reversed(heads):
        tail = _once(Then, part, tail)
    return tail


def _starts_with_anything(expression: Expression) -> bool:
    return expression is ANYTHING or (isinstance(expression, Then) and expression.head is ANYTHING)


def repeat(body: Expression, least: int, most: int | None) -> Expression:
    """Texts of one kind, several times."""
    if body.nullable:
        least = 0
    if most == 0 or body is EMPTY:
        return EMPTY
    if body is NOTHING:
        return NOTHING if least else EMPTY
    if least == most == 1 or (isinstance(body, Repeat) and body.least == 0 and body.most is None):
        return body
    return _once(Repeat, body, least, most)


def either(parts: Iterable[Expression]) -> Expression:
    """Texts of any of the parts."""
    flat: set[Expression] = set()
    sets: list[CharacterSet] = []
    for part in parts:
        for inner in part.parts if isinstance(part, Either) else (part,):
            if isinstance(inner, Characters):
                sets.append(inner.characters)
            else:
                flat.add(inner)
    if ANYTHING in flat or _has_opposites(flat):
        return ANYTHING
    joined = union(pair for ranges in sets for pair in ranges)
    if joined:
        flat.add(characters(joined))
    if EMPTY in flat and any(part.nullable for part in flat if part is not EMPTY):
        flat.discard(EMPTY)
    if len(flat) <= 1:
        return flat.pop() if flat else NOTHING
    return _once(Either, frozenset(flat))


def both(parts: Iterable[Expression]) -> Expression:
    """Texts of all of the parts."""
    flat: set[Expression] = set()
    common: CharacterSet = ALL
    single = False
    for part in parts:
        for inner in part.parts if isinstance(part, Both) else (part,):
            if isinstance(inner, Characters):
                common = intersection(common, inner.characters)
                single = True
            else:
                flat.add(inner)
    flat.discard(ANYTHING)
    if single:
        flat.add(characters(common))
    if NOTHING in flat or _has_opposites(flat):
        return NOTHING
    if EMPTY in flat:
        return EMPTY if all(part.nullable for part in flat) else NOTHING
    if len(flat) <= 1:
        return flat.pop() if flat else ANYTHING
    return _once(Both, frozenset(flat))


def _has_opposites(parts: set[Expression]) -> bool:
    return any(isinstance(part, Not) and part.part in parts for part in parts)


def no(part: Expression) -> Expression:
    """All other texts."""
    if isinstance(part, Not):
        return part.part
    if part is NOTHING:
        return ANYTHING
    return NOTHING if part is ANYTHING else _once(Not, part)


def nonempty(part: Expression) -> Expression:
    """Its texts but the empty one."""
    return both((part, SOMETHING)) if part.nullable else part
