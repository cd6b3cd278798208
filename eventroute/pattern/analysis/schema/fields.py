"""What a schema says of the values at a path, for whoever compares two schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.schema.document import SchemaDocument
from eventroute.pattern.analysis.schema.leaves import has_leaf
from eventroute.pattern.analysis.schema.walk import Walk
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventroute.pattern.analysis.schema.shape import Shape

__all__ = ["Field", "Fields"]

_STEPS: Final = 300_000
_SCALARS: Final = frozenset(("null", "boolean", "number", "string"))
_PRESENT: Final = Exists(present=True)


@dataclass(frozen=True, slots=True)
class Field:
    """A place in the events that fit a schema.

    :ivar declared: whether the schema names it; ``None`` where that is not certain.
    :ivar kinds: JSON types that a value there may have; none where nothing may be there.
    :ivar always: whether it is certain that each event has a value there.
    :ivar formats: what ``format`` says of it.
    :ivar pointer: JSON pointer to the place in the schema; ``""`` where it has none.
    """

    declared: bool | None
    kinds: frozenset[str]
    always: bool
    formats: frozenset[str]
    pointer: str


class Fields:
    """One schema, asked about places.

    :param schema: JSON Schema of whole events, as for :func:`check_against_schema`.
    :raises ContractError: no schema, an unknown ``$schema``, or one that allows no object.
    """

    def __init__(self, schema: Mapping[str, object]) -> None:
        self._effort = Effort(_STEPS)
        self._walk = Walk(SchemaDocument(dict(schema), self._effort), self._effort)

    def tested(self, path: Sequence[str]) -> Field:
        """A place as a rule tests it: the scalars there, in whichever elements of arrays."""
        levels = [self._walk.at(path[:place]) for place in range(len(path) + 1)]
        found = [shape for shape in levels[-1] if has_leaf(shape)]
        kinds = frozenset[str]().union(*(shape.kinds & _SCALARS for shape in found))
        return self._field(path, levels, kinds, self._walk.always(path, (_PRESENT,)))

    def member(self, path: Sequence[str]) -> Field:
        """A place as a dotted path leads to it: through objects, and into no array."""
        shapes, always = self._walk.root, True
        levels = [shapes]
        for name in path:
            always = always and all(
                not shape.kinds - {"object"} and shape.requires(name) for shape in shapes
            )
            objects = [shape for shape in shapes if "object" in shape.kinds]
            below = [member for shape in objects for member in self._walk.members(shape, name)]
            shapes = list({shape.key: shape for shape in below}.values())
            levels.append(shapes)
        kinds = frozenset[str]().union(*(shape.kinds for shape in shapes))
        return self._field(path, levels, kinds, always and bool(shapes))

    def _field(
        self, path: Sequence[str], levels: list[list[Shape]], kinds: frozenset[str], always: bool
    ) -> Field:
        parts = [part for shape in levels[-1] for part in shape.parts]
        formats = (part.members.get("format") for part in parts)
        return Field(
            self._declared(path, levels),
            kinds,
            always,
            frozenset(each for each in formats if isinstance(each, str)),
            min((part.place for part in parts), key=len, default=""),
        )

    def _declared(self, path: Sequence[str], levels: list[list[Shape]]) -> bool | None:
        for shapes, name in zip(levels, path, strict=False):
            named = _names(shapes, name)
            if not named:
                certain = self._walk.complete and not self._effort.exhausted
                return named if certain else None
        return True


def _names(shapes: Iterable[Shape], name: str) -> bool | None:
    """Whether objects of these shapes have a member of this name among those that are declared."""
    open_ended = False
    for shape in shapes:
        for part in shape.parts:
            if name in part.schemas("properties"):
                return True
            open_ended |= (
                name in part.dotted
                or bool(part.schemas("patternProperties"))
                or bool(part.schemas("additionalProperties"))
            )
    return None if open_ended else False
