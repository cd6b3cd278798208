"""Events of one shape, by where they have arrays: their findings are collected in few calls."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from eventroute.pattern.index.leaf import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set

    from eventroute.pattern.index.steps import Step

__all__ = ["Shape"]


class Shape:
    """Where events have arrays of objects, and objects on all other ways.

    :param root: the steps to the paths.
    :param arrays: where the arrays are.
    :ivar collect: gives what a document of a generated type holds at each path; at a path below
        an array, the array. It raises `AttributeError` for a document of another shape.
    :ivar lists: for each array, the index of a path below it, and of all of them the index and
        what reads it from an object of the array.
    """

    __slots__ = ("arrays", "collect", "lists")

    def __init__(self, root: Step, size: int, arrays: Set[tuple[str, ...]]) -> None:
        self.arrays = arrays
        self.lists: list[tuple[int, list[tuple[int, attrgetter[Any]]]]] = []
        fields = [""] * size
        self._name_fields(root, "", fields)
        self.collect = _collector(fields)

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

    def unfold(self, found: Sequence[Finding]) -> Sequence[Finding]:
        """Put what the objects of the arrays hold in the place of the arrays.

        :param found: what `collect` gives.
        :raises AttributeError: there is something else than an object in an array.
        :raises TypeError: there is something else than an array.
        """
        unfolded = [*found]
        for whole, members in self.lists:
            objects = unfolded[whole]
            for index, member in members:
                unfolded[index] = finding([*map(member, objects)])
        return unfolded

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
                self.lists.append((members[0][0], members))
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
