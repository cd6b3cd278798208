"""From what was seen to a JSON Schema that accepts all of it, and leaves objects open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.registry.inference.bounds import Room
from eventroute.registry.inference.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.registry.inference.members import Members

__all__ = ["MIN_MAP_NAMES", "schema_of_place"]

MIN_MAP_NAMES: Final = 16
"""Member names from which on an object may be a map although they do not look like keys."""
_SCALARS: Final = ("boolean", "integer", "number", "string", "null")


def schema_of_place(place: Place) -> dict[str, object]:
    """Describe the values of a place: the same text for the same values, whatever their order."""
    alternatives: list[dict[str, object]] = []
    if "object" in place.kinds:
        alternatives.append({"type": "object", **_members(place.members)})
    if "array" in place.kinds:
        items = {} if place.items is None else {"items": schema_of_place(place.items)}
        alternatives.append({"type": "array", **items})
    scalars = [kind for kind in _SCALARS if kind in place.kinds]
    if "number" in scalars and "integer" in scalars:
        scalars.remove("integer")
    if scalars == ["null"] and not alternatives:
        return {}  # it tells nothing of what will be sent there when there is something
    if scalars:
        alternatives.append(_scalar(scalars, place))
    if len(alternatives) == 1:
        return alternatives[0]
    return {"anyOf": alternatives} if alternatives else {}


def _scalar(kinds: Sequence[str], place: Place) -> dict[str, object]:
    schema: dict[str, object] = {"type": kinds[0] if len(kinds) == 1 else [*kinds]}
    texts = place.texts
    if texts is None:
        return schema
    enum: list[str] | None = texts.enum
    if enum is not None and set(kinds) <= {"string", "null"}:
        return {**schema, "enum": [*enum, None] if "null" in kinds else enum}
    return schema if texts.format is None else {**schema, "format": texts.format}


def _members(members: Members | None) -> dict[str, object]:
    if members is None:
        return {}
    if _is_map(members):
        return {"additionalProperties": schema_of_place(_together(members.named.values()))}
    schema: dict[str, object] = {}
    properties = {name: schema_of_place(place) for name, place in members.named.items()}
    if members.shared is not None:
        shared = schema_of_place(members.shared)
        if members.keys is None:
            schema["additionalProperties"] = shared
        else:
            properties |= dict.fromkeys(members.keys, shared)
    if properties:
        schema["properties"] = {name: properties[name] for name in sorted(properties)}
    if members.required:
        schema["required"] = members.required
    return schema


def _is_map(members: Members) -> bool:
    """Whether many names, none of them common, stand for values of one shape."""
    places = members.named.values()
    if members.partial or members.shared is not None or len(places) < MIN_MAP_NAMES:
        return False
    often = sum(place.count for place in places)
    most = max(place.count for place in places)
    few_each = 2 * often <= len(places) * members.objects
    return few_each and 2 * most <= members.objects and _one_shape(list(places))


def _one_shape(places: list[Place]) -> bool:
    if len({_shape(place) for place in places} - {frozenset()}) > 1:
        return False
    inner = [place.members.named.keys() for place in places if place.members is not None]
    return not inner or bool(frozenset(inner[0]).intersection(*inner[1:])) or not any(inner)


def _shape(place: Place) -> frozenset[str]:
    kinds = frozenset(place.kinds) - {"null"}
    return kinds - {"integer"} | {"number"} if "integer" in kinds else kinds


def _together(places: Iterable[Place]) -> Place:
    whole, room = Place(), Room()
    for place in places:
        whole.merge(place, room, depth=0)
    return whole
