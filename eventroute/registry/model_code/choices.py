"""Enums that have a name of their own, put where they are referred to.

The generator makes a class of each definition: one around an enum would equal none of its values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.dialects.keywords import LISTS, MAPS, REFERENCES, SINGLES, map_subschemas
from eventroute.dialects.places import LocalPlaces
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["with_choices_in_place"]

_SECTIONS: Final = ("$defs", "definitions")
_MORE: Final = SINGLES.union(LISTS, MAPS, REFERENCES)


def with_choices_in_place(schema: Mapping[str, object]) -> dict[str, object]:
    """Copy a schema without definitions of texts and numbers to choose from."""
    places = LocalPlaces(schema)

    def inlined(node: object, way: tuple[str | int, ...] = ()) -> object:
        if not is_object(node):
            return node
        reference = node.get("$ref")
        place = places.of(reference) if isinstance(reference, str) else None
        choice = None if place is None else place[1]
        if is_object(choice) and _is_choice(choice):
            # Its title names a class that there is no more.
            named = {name: value for name, value in choice.items() if name != "title"}
            node = {**named, **{name: value for name, value in node.items() if name != "$ref"}}
        changed = map_subschemas(node, inlined)
        if not way:
            for section in _SECTIONS:
                known = changed.get(section)
                if is_object(known):
                    kept = {name: one for name, one in known.items() if not _is_choice(one)}
                    changed = {**changed, section: kept}
        return changed

    copied = inlined(schema)
    return copied if is_object(copied) else {}


def _is_choice(schema: object) -> bool:
    if not is_object(schema) or not _MORE.isdisjoint(schema):
        return False
    values = schema.get("enum")
    return is_array(values) and all(isinstance(one, str | int) for one in values)
