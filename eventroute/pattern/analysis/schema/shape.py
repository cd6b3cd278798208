"""One way for a value to fit a schema: simple schemas that all hold at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final, Self, cast

from eventroute.pattern.analysis.leaf_sets import only_leaf
from eventroute.pattern.operators import Number, Range, exact
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.operators import Literal, Text

__all__ = ["ANYTHING", "Part", "Shape", "leave_nothing", "members_of"]

_KINDS: Final = frozenset(("null", "boolean", "number", "string", "array", "object"))
# Above, a double and an integer that compare equal may be written with other digits.
_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Part:
    """A schema of which only its own keywords count, not ``$ref``, ``anyOf`` and their like.

    :ivar place: JSON pointer into the document.
    :ivar dotted: what stands before the dot in names of members that it declares.
    """

    members: dict[str, object]
    place: str
    dotted: frozenset[str]

    @classmethod
    def of(cls, members: dict[str, object], place: str) -> Self:
        """The part that a schema is."""
        names = members.get("properties")
        declared = (name for name in names if "." in name) if isinstance(names, dict) else ()
        return cls(members, place, frozenset(name.partition(".")[0] for name in declared))

    def schemas(self, keyword: str) -> dict[str, object]:
        """A keyword that maps names to schemas; empty where it is not there."""
        value = self.members.get(keyword)
        return members_of(value) if isinstance(value, dict) else {}


class Shape:
    """What is certain of a value that fits all of some parts; never less than what they allow.

    :ivar key: equal for equal shapes of one document.
    :ivar kinds: JSON types that the value may have.
    :ivar integer: whether a number must be whole.
    :ivar values: the only scalars allowed, as bare tests; ``None`` where they are not listed.
    :ivar bounds: between them lies a number.
    :ivar shortest: characters that a string has at least.
    :ivar longest: characters that a string has at most; ``None`` without a limit.
    """

    __slots__ = (
        "bounds",
        "draft",
        "integer",
        "key",
        "kinds",
        "longest",
        "parts",
        "shortest",
        "values",
    )

    def __init__(self, parts: tuple[Part, ...], draft: int | None) -> None:
        self.parts = parts
        self.draft = draft
        self.key = frozenset(part.place for part in parts)
        self.integer = False
        self.bounds = _bounds(parts)
        self.shortest = max(self._counts("minLength"), default=0)
        self.longest = min(self._counts("maxLength"), default=None)
        self.kinds = _KINDS
        self.values: frozenset[Text | Number | Literal] | None = None
        for part in parts:
            kinds, integer = _typed(part)
            self.kinds &= kinds
            self.integer |= integer
            self._enumerate(part)
        if leave_nothing(self.bounds, whole=self.integer):
            self.kinds -= {"number"}
        if self.longest is not None and self.longest < self.shortest:
            self.kinds -= {"string"}
        if self.values is not None:
            self.values = frozenset(filter(self._allows, self.values))
            self.kinds &= {*map(_kind, map(only_leaf, self.values)), "array", "object"}

    def __and__(self, other: Shape) -> Shape:
        """Fit both."""
        if other.key <= self.key:
            return self
        if self.key <= other.key:
            return other
        more = (part for part in other.parts if part.place not in self.key)
        return Shape((*self.parts, *more), self.draft if self.parts else other.draft)

    @property
    def fills_arrays(self) -> bool:
        """Whether an array has at least one element."""
        return any(number > 0 for number in self._counts("minItems"))

    @property
    def empties_arrays(self) -> bool:
        """Whether an array has no element."""
        return 0 in self._counts("maxItems")

    def requires(self, name: str) -> bool:
        """Tell whether an object has the member."""
        return any(
            isinstance(names := part.members.get("required"), list) and name in names
            for part in self.parts
        )

    def _allows(self, value: Text | Number | Literal) -> bool:
        leaf = only_leaf(value)
        if isinstance(leaf, str):
            return "string" in self.kinds and (
                self.shortest <= len(leaf) and (self.longest is None or len(leaf) <= self.longest)
            )
        if isinstance(value, Number):
            return (
                "number" in self.kinds
                and self.bounds.matches(leaf)
                and (not self.integer or isinstance(leaf, int))
            )
        return _kind(leaf) in self.kinds

    def _counts(self, keyword: str) -> Iterator[int]:
        for part in self.parts:
            value = part.members.get(keyword)
            if _is_count(value):
                yield cast("int", value)

    def _enumerate(self, part: Part) -> None:
        for allowed in _listed(part, self.draft):
            values = [value for value in allowed if not isinstance(value, dict | list)]
            self.kinds &= frozenset(map(_kind, allowed))
            if not all(_is_exact(value) for value in values):
                continue
            listed = frozenset(exact(cast("Scalar", value)) for value in values)
            self.values = listed if self.values is None else self.values & listed


def members_of(schema: dict[Any, Any]) -> dict[str, object]:
    """A JSON object with its type."""
    return cast("dict[str, object]", schema)


def _is_count(value: object) -> bool:
    """Tell whether a value is a whole number from 0 on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _typed(part: Part) -> tuple[frozenset[str], bool]:
    """The kinds that ``type`` allows, and whether numbers must be whole."""
    written = part.members.get("type")
    names = set(written) if isinstance(written, list) else {written}
    kinds = {"number" if name == "integer" else name for name in names}
    if not kinds or not kinds <= _KINDS:
        return _KINDS, False
    if part.members.get("nullable") is True:  # as OpenAPI has it
        kinds.add("null")
    return frozenset(map(str, kinds)), "integer" in names and "number" not in names


def _listed(part: Part, draft: int | None) -> Iterator[list[object]]:
    nullable: list[object] = [None] if part.members.get("nullable") is True else []
    values = part.members.get("enum")
    if isinstance(values, list):
        yield [*values, *nullable]
    if "const" in part.members and draft != 4:
        yield [part.members["const"], *nullable]


def _kind(value: object) -> str:
    if value is None:
        return "null"
    for python, kind in ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, python):
            return kind
    return "number"


def _is_exact(value: object) -> bool:
    is_scalar = value is None or isinstance(value, str | int | float)
    return is_scalar and (not isinstance(value, int | float) or abs(value) < _EXACT)


def _bounds(parts: Iterable[Part]) -> Range:
    lower = [*_found(parts, "minimum", False), *_found(parts, "exclusiveMinimum", True)]
    upper = [*_found(parts, "maximum", False), *_found(parts, "exclusiveMaximum", True)]
    above, above_open = max(lower, default=(None, False))
    below, below_open = min(
        upper, key=lambda bound: (bound[0], not bound[1]), default=(None, False)
    )
    return Range(above, above_open, below, below_open)


def _found(parts: Iterable[Part], keyword: str, is_open: bool) -> Iterator[tuple[float, bool]]:
    for part in parts:
        bound = part.members.get(keyword)
        is_number = isinstance(bound, int | float) and not isinstance(bound, bool)
        if is_number and abs(cast("float", bound)) < _EXACT:
            yield comparable(cast("float", bound)), is_open


def leave_nothing(bounds: Range, *, whole: bool) -> bool:
    """Tell whether no number, or no whole number, lies between the bounds."""
    above, below = bounds.above, bounds.below
    if above is None or below is None:
        return False
    if whole:
        first = floor(above) + 1 if bounds.above_open else ceil(above)
        last = ceil(below) - 1 if bounds.below_open else floor(below)
        return first > last
    return above > below or (above == below and (bounds.above_open or bounds.below_open))


ANYTHING: Final = Shape((), None)
"""No constraint at all."""
