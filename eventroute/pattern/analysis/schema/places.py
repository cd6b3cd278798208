"""Which schemas hold for the members of objects and for the elements of arrays."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern.analysis.schema.shape import Part, Shape

__all__ = ["element_schemas", "is_named_with_dots", "member_schemas"]

_MOST_CHOICES: Final = 64

_Placed: TypeAlias = tuple[object, str]


def member_schemas(shape: Shape, name: str) -> list[_Placed]:
    """The schemas that a member must fit, all of them, each with its JSON pointer."""
    return [placed for part in shape.parts for placed in _of_member(part, name)]


def element_schemas(shape: Shape) -> Iterator[tuple[_Placed, ...]]:
    """The choices of schemas that each element fits: all the schemas of one choice."""
    factors: list[list[_Placed]] = []
    choices = 1
    for part in shape.parts:
        factor = _of_element(part, shape.draft)
        if choices * len(factor) <= _MOST_CHOICES:
            choices *= len(factor)
            factors.append(factor)
    return product(*factors)


def is_named_with_dots(shape: Shape, name: str) -> bool:
    """Tell whether the schema declares members such as ``"name.other"``."""
    return any(name in part.dotted for part in shape.parts)


def _of_member(part: Part, name: str) -> list[_Placed]:
    declared = part.schemas("properties")
    if name in declared:
        return [(declared[name], part.place + pointer("properties", name))]
    # No regular expression of a stranger is tried: the name may be one of those.
    if part.schemas("patternProperties") or "additionalProperties" not in part.members:
        return []
    return [(part.members["additionalProperties"], part.place + pointer("additionalProperties"))]


def _of_element(part: Part, draft: int | None) -> list[_Placed]:
    """The schemas of which each element fits one."""
    items, place = part.members.get("items", True), part.place + pointer("items")
    first = part.members.get("prefixItems")
    if isinstance(items, list):
        if draft is None or draft > 2019:
            return [(True, place)]
        rest = part.members.get("additionalItems", True)
        single = [(item, place + pointer(number)) for number, item in enumerate(items)]
        return [*single, (rest, part.place + pointer("additionalItems"))]
    if isinstance(first, list) and (draft is None or draft > 2019):
        above = part.place + pointer("prefixItems")
        single = [(item, above + pointer(number)) for number, item in enumerate(first)]
        return [*single, (items, place)]
    return [(items, place)]
