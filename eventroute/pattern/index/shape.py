"""Events of one shape, by where they have arrays: their findings are collected in few calls."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from eventroute.pattern.index.leaf import SCALARS, Finding, finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set

    from eventroute.pattern.index.steps import Step

__all__ = ["OtherShapeError", "Shape"]


class OtherShapeError(Exception):
    """The event has something else than expected on the way to a path."""


class Shape:
    """Where events have arrays of objects of scalars, and objects on all other ways.

    :param root: the steps to the paths.
    :param arrays: where the arrays are.
    :ivar arrays: the same.
    """

    __slots__ = ("_collect", "_lists", "arrays")

    def __init__(self, root: Step, size: int, arrays: Set[tuple[str, ...]]) -> None:
        self.arrays = arrays
        self._lists: list[tuple[int, list[tuple[int, attrgetter[Any]]]]] = []
        fields = [""] * size
        self._name_fields(root, "", fields)
        self._collect = _collector(fields)

    @staticmethod
    def fits(root: Step, arrays: Set[tuple[str, ...]]) -> bool:
        """Whether there can be a shape: what lies below its arrays must be members of objects."""
        for way in arrays:
            step = root
            for name in way:
                step = step.steps[name]
            if step.index is not None or any(below.steps for below in step.steps.values()):
                return False
        return True

    def read(self, document: Any) -> Sequence[Finding]:  # noqa: ANN401  of a generated type
        """The findings.

        :raises OtherShapeError: the document has not this shape.
        """
        try:
            found = self._collect(document)
            if not self._lists:
                return found
            found = [*found]
            for whole, members in self._lists:
                objects = found[whole]
                for index, member in members:
                    values = [*map(member, objects)]
                    if not SCALARS.issuperset(map(type, values)):
                        raise OtherShapeError
                    found[index] = finding(values)
        except (AttributeError, TypeError):
            raise OtherShapeError from None
        return found

    def _name_fields(self, step: Step, prefix: str, fields: list[str]) -> None:
        for below in step.steps.values():
            field = prefix + below.field
            if below.path in self.arrays:
                # Each path below is given the whole array first.
                members = [
                    (member.index, attrgetter(member.field))
                    for member in below.steps.values()
                    if member.index is not None
                ]
                for index, _ in members:
                    fields[index] = field
                self._lists.append((members[0][0], members))
                continue
            if below.index is not None:
                fields[below.index] = field
            self._name_fields(below, f"{field}.", fields)


def _collector(fields: list[str]) -> Callable[[Any], Sequence[Finding]]:
    if not fields:
        return lambda _document: ()
    getter: Callable[[Any], Any] = attrgetter(*fields)
    if len(fields) == 1:
        return lambda document: (getter(document),)
    return getter
