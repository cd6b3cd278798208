"""Reading from an event's JSON text only what lies at the paths that rules name.

msgspec parses straight into generated types that have a field for each name on the way to a path,
and skips everything else. Where an event has the shape of the one before it, a few calls collect
all findings; else it is walked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from eventroute.pattern.index.leaf import ABSENT, NO_WAYS, Finding, UnusualEventError
from eventroute.pattern.index.mapping import read_mapping
from eventroute.pattern.index.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set

    from eventroute.pattern.index.steps import Step

__all__ = ["Projection"]

_MOST_SHAPES: Final = 16
"""So many shapes of events are expected at most; others are walked."""

_Scalar = str | int | float | bool | None

# What stands under a name with dots that would be several steps: reading anything there fails.
_Impossible = Annotated[str, msgspec.Meta(min_length=1, max_length=0)]


class _Object(msgspec.Struct, frozen=True, gc=False):
    """An object where rules look for leaves: it is none, whatever it holds."""


_List = list[_Object | list[_Object | list[_Object | _Scalar] | _Scalar] | _Scalar]
"""Leaves in arrays. Events with deeper ones are read as a whole, which bounds the depth."""


class Projection:
    """Findings of an event's text.

    :param root: the steps to the paths; findings come in the order of their indexes.
    :param size: how many paths there are.
    """

    def __init__(self, root: Step, size: int) -> None:
        self._root = root
        self._size = size
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_struct(root)).decode
        self._shapes: dict[Set[tuple[str, ...]], Shape] = {}
        self._shape = self._shape_with(NO_WAYS)  # events of one kind come together

    def read(self, data: bytes) -> tuple[Sequence[Finding], Set[tuple[str, ...]]]:
        """The findings, and the paths above them at which the event has an array.

        :raises UnusualEventError: the text has to be read as a whole.
        """
        try:
            document = self._decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise UnusualEventError from None
        shape = self._shape
        try:
            found = shape.collect(document)
            return (shape.unfold(found) if shape.lists else found), shape.arrays
        except (AttributeError, TypeError):  # it has another shape
            return self._read_any(document)

    def _read_any(
        self,
        document: Any,  # noqa: ANN401  of a generated type
    ) -> tuple[Sequence[Finding], Set[tuple[str, ...]]]:
        findings, met = read_mapping(self._root, self._size, msgspec.to_builtins(document))
        arrays = frozenset(met)
        if arrays in self._shapes or (
            len(self._shapes) < _MOST_SHAPES and Shape.fits(self._root, arrays)
        ):
            self._shape = self._shape_with(arrays)
        return findings, arrays

    def _shape_with(self, arrays: frozenset[tuple[str, ...]]) -> Shape:
        shape = self._shapes.get(arrays)
        if shape is None:
            shape = self._shapes[arrays] = Shape(self._root, self._size, arrays)
        return shape


def _struct(step: Step) -> type[Any]:
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for name, below in step.steps.items():
        names[below.field] = name
        if below.steps:
            inside: Any = _struct(below)
            kind = inside | list[inside | list[_Object | _Scalar] | _Scalar] | _Scalar
            # An absent object is an empty one of its type, so that collecting finds its way.
            fields.append((below.field, kind, inside()))
        else:
            kind = _Object | _List | _Scalar | msgspec.UnsetType
            fields.append((below.field, kind, ABSENT))
    for number, dotted in enumerate(step.dotted):
        names[f"d{number}"] = dotted
        fields.append((f"d{number}", _Impossible, ""))
    return msgspec.defstruct(
        "Step", fields, rename=names, frozen=True, gc=False, omit_defaults=True
    )
