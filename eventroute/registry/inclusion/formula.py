"""What a JSON Schema says, whatever its draft: a formula over a few kinds of tests.

A test speaks about values of one kind (a text's length, a number's bound) and is true of all
others, as the keywords of JSON Schema are; so its negation is true of values of that kind only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

__all__ = [
    "EVERY_KIND",
    "All",
    "Always",
    "AnyOf",
    "Contains",
    "Format",
    "Formula",
    "Has",
    "Items",
    "Kind",
    "KindOf",
    "Limit",
    "Link",
    "Literally",
    "Members",
    "Multiple",
    "Names",
    "Not",
    "OneOf",
    "Opaque",
    "Pattern",
    "Signed",
    "Size",
    "Unique",
    "Whole",
]

Kind: TypeAlias = Literal["null", "boolean", "number", "string", "array", "object"]

EVERY_KIND: Final[tuple[Kind, ...]] = ("null", "boolean", "number", "string", "array", "object")


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A node. Nodes that say the same are one object, so that they compare by identity."""


Signed: TypeAlias = tuple[Formula, bool]
"""A formula, or (``False``) its negation."""


@dataclass(frozen=True, slots=True, eq=False)
class Always(Formula):
    """True of every value, or of none."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class All(Formula):
    """True where every part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf(Formula):
    """True where a part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Formula):
    """True where exactly one part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not(Formula):
    """True where the part is not."""

    part: Formula


@dataclass(frozen=True, slots=True, eq=False)
class Link(Formula):
    """A part that is compiled when it is needed: schemas may refer to themselves.

    :ivar target: gives what the reference leads to, the same node at every call.
    """

    target: Callable[[], Formula] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class KindOf(Formula):
    """The value is of one of these kinds."""

    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True, eq=False)
class Literally(Formula):
    """The value is one of these (``enum``, ``const``), by their keys."""

    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Limit(Formula):
    """A number is at least, or at most, a limit, or beyond it."""

    limit: Fraction
    upper: bool
    exclusive: bool


@dataclass(frozen=True, slots=True, eq=False)
class Multiple(Formula):
    """A number is a multiple of another."""

    step: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Whole(Formula):
    """A number is whole; in draft-04 also written so (``1``, not ``1.0``)."""

    written: bool


@dataclass(frozen=True, slots=True, eq=False)
class Size(Formula):
    """A text, array or object has at least, or at most, so many characters, elements, members."""

    kind: Kind
    bound: int
    upper: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(Formula):
    """A text matches a regular expression somewhere."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Format(Formula):
    """A text has a format that eventroute checks."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Items(Formula):
    """The first elements of an array fit these formulas, one each; the others fit the last."""

    first: tuple[Formula, ...]
    others: Formula

    def at(self, index: int) -> Formula:
        """What the element at an index must fit."""
        return self.first[index] if index < len(self.first) else self.others


@dataclass(frozen=True, slots=True, eq=False)
class Contains(Formula):
    """At least so many elements of an array fit."""

    part: Formula
    least: int


@dataclass(frozen=True, slots=True, eq=False)
class Unique(Formula):
    """No two elements of an array are equal."""


@dataclass(frozen=True, slots=True, eq=False)
class Members(Formula):
    """What the members of an object must fit, by their names.

    :ivar named: of the names that are declared.
    :ivar patterned: of the names that match a regular expression.
    :ivar others: of all other names.
    """

    named: Mapping[str, Formula]
    patterned: tuple[tuple[str, Formula], ...]
    others: Formula


@dataclass(frozen=True, slots=True, eq=False)
class Has(Formula):
    """An object has a member of this name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Names(Formula):
    """The names of an object's members fit."""

    part: Formula


@dataclass(frozen=True, slots=True, eq=False)
class Opaque(Formula):
    """A keyword that is not understood: it may hold or not.

    :ivar reason: which one, for people.
    """

    reason: str
