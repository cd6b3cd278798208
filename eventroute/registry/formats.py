"""Whether the formats in two schemas are surely the same, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.dialects.keywords import ANNOTATIONS
from eventroute.dialects.places import LocalPlaces, ids_in, is_base
from eventroute.jsontext import objects_in, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.registry.judgement import Change

__all__ = ["same_formats"]

# What is compared where a reference leads elsewhere, or says nothing.
_BESIDE_A_REFERENCE: Final = ANNOTATIONS | {
    *("$ref", "$defs", "definitions", "$schema", "$id", "id", "$anchor"),
}
_NOT_COMPARED: Final = frozenset({"$dynamicRef", "$recursiveRef", "extends", "disallow"})


def same_formats(
    one: Mapping[str, object], other: Mapping[str, object], changes: Iterable[Change]
) -> bool:
    """Whether it is certain that two schemas ask for the same formats at the same places.

    :param changes: from the one to the other; they tell only of places that have a counterpart.
    """
    documents = [_Formats(one), _Formats(other)]
    if not any(document.any for document in documents):
        return True
    if not all(document.plain for document in documents):
        return False
    return not any(
        change.kind == "more"
        or change.kind.startswith("format-")
        or any(document.reached_from(change.pointer) for document in documents)
        for change in changes
    )


class _Formats:
    def __init__(self, root: Mapping[str, object]) -> None:
        self._root: Final = root
        self._places: Final = LocalPlaces(root)
        objects = list(objects_in(dict(root)))
        self.any: Final = any(map(_has_format, objects))
        inner = any(map(is_base, ids_in(objects[1:])))
        self.plain: Final = not inner and all(map(self._is_plain, objects))

    def _is_plain(self, schema: dict[str, object]) -> bool:
        """Whether a comparison that follows references within the document sees all of it."""
        if not _NOT_COMPARED.isdisjoint(schema):
            return False
        reference = schema.get("$ref")
        return not isinstance(reference, str) or (
            schema.keys() <= _BESIDE_A_REFERENCE and self._places.of(reference) is not None
        )

    def reached_from(self, pointer: str) -> bool:
        """Whether a format stands at a place, below it, or where references below it lead."""
        try:
            pending = [value_at(self._root, pointer)]
        except LookupError:
            return False
        followed: set[str] = set()
        while pending:
            for part in objects_in(pending.pop()):
                if _has_format(part):
                    return True
                reference = part.get("$ref")
                if not isinstance(reference, str) or reference in followed:
                    continue
                followed.add(reference)
                place = self._places.of(reference)
                pending += [] if place is None else [place[1]]
        return False


def _has_format(schema: dict[str, object]) -> bool:
    return isinstance(schema.get("format"), str)
