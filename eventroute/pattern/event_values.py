"""An event as patterns see it: leaves in nested arrays, dotted names, repeated names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from eventroute.envelope import Event
from eventroute.errors import EventError
from eventroute.jsontext import MAX_DEPTH, pointer
from eventroute.pattern.json_values import JSON, Members, Scalar, decode, members, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

__all__ = [
    "EventLike",
    "Object",
    "leaves",
    "objects_in",
    "plain_value",
    "read_event",
    "under",
    "values_at",
]

EventLike: TypeAlias = Event | Mapping[str, Any] | str | bytes
"""What can be matched: an event, JSON values, or JSON text."""

Object: TypeAlias = dict[str, JSON] | Members


def read_event(event: object) -> Object:
    """Return an `EventLike` as JSON values.

    Unlike `Event.from_json`, text may repeat a member: either value counts, as in event-ruler.

    :raises JSONTextError: text that is not JSON, too large or too deep.
    :raises EventError: JSON that is no object, or a mapping with values that are not JSON.
    """
    if isinstance(event, Event):
        return event.document
    if isinstance(event, Mapping):
        return _plain_object(cast("Mapping[Any, object]", event), "", 1)
    document: object = decode(event)[0] if isinstance(event, str | bytes) else event
    if not isinstance(document, dict | Members):
        raise EventError(
            f"an event is an Event, a mapping, or the text of a JSON object, not {shown(document)}"
        )
    return cast("Object", document)


def leaves(values: Iterable[JSON]) -> Iterator[Scalar]:
    """Every scalar among the values and in the arrays among them, however nested."""
    pending = [iter(values)]
    while pending:
        for value in pending[-1]:
            if isinstance(value, list):
                pending.append(iter(value))
                break
            if not isinstance(value, dict | Members):
                yield value
        else:
            pending.pop()


def objects_in(values: Iterable[JSON]) -> Iterator[Object]:
    """Every object among the values and in the arrays among them, however nested."""
    for value in values:
        if isinstance(value, list):
            yield from objects_in(value)
        elif isinstance(value, dict | Members):
            yield value


def under(objects: Iterable[Object], names: Set[str]) -> dict[str, list[JSON]]:
    """What the objects hold under each name.

    A member ``"a.b"`` is a member ``b`` of an object under ``a``.
    """
    found: dict[str, list[JSON]] = {}
    for item in objects:
        for name, value in members(item):
            if name in names:
                found.setdefault(name, []).append(value)
            elif "." in name:
                first, _, rest = name.partition(".")
                if first in names:
                    found.setdefault(first, []).append(Members(((rest, value),)))
    return found


def values_at(document: Object, path: Sequence[str]) -> list[JSON]:
    """Everything at a path, in whichever array elements it lies."""
    found: list[JSON] = [document]
    for name in path:
        found = under(objects_in(found), {name}).get(name, [])
    return found


def plain_value(value: object) -> JSON:
    """Return a value of a caller's mapping as a JSON value of the standard types.

    :raises EventError: it is none.
    """
    return _plain(value, "", 1)


def _plain_object(value: Mapping[Any, object], place: str, depth: int) -> dict[str, JSON]:
    if depth > MAX_DEPTH:
        raise EventError(f"nested more than {MAX_DEPTH} levels deep", pointer=place)
    plain: dict[str, JSON] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise EventError(f"the name {name!r} is not a string", pointer=place)
        plain[str.__str__(name)] = _plain(item, place + pointer(name), depth)
    return plain


def _plain(value: object, place: str, depth: int) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        if not isfinite(value):
            raise EventError(f"{value} is not JSON; send null or leave it out", pointer=place)
        whole = isinstance(value, Decimal) and value == value.to_integral_value()
        return int(value) if whole else float(value)
    if isinstance(value, Mapping):
        return _plain_object(cast("Mapping[Any, object]", value), place, depth + 1)
    if isinstance(value, list | tuple):
        if depth >= MAX_DEPTH:
            raise EventError(f"nested more than {MAX_DEPTH} levels deep", pointer=place)
        items = cast("Sequence[object]", value)
        return [_plain(item, f"{place}/{index}", depth + 1) for index, item in enumerate(items)]
    raise EventError(f"a {type(value).__name__} is not a JSON value", pointer=place)
