"""Why an event has no leaf at a path, and which name may be meant."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

from eventroute.jsontext import pointer
from eventroute.pattern.event_values import Object, leaves, objects_in, under
from eventroute.pattern.json_values import JSON, members, shown
from eventroute.pattern.operators.matcher import kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.clause import Clause

__all__ = ["located", "why_absent"]

_MOST_OBJECTS: Final = 50
_MOST_NAMES: Final = 500
_LONGEST_NAME: Final = 64


def why_absent(document: Object, clause: Clause) -> str:
    """Say why there is no leaf at the path of a clause."""
    found: list[JSON] = [document]
    path = clause.segments
    for depth, name in enumerate(path):
        parent = ".".join(path[:depth])
        objects = list(objects_in(found))
        if not objects:
            return f"absent: {_no_object(parent, found)}"
        below = under(objects, {name})
        if name not in below:
            if name.isdecimal() and any(isinstance(value, list) for value in found):
                return (
                    f"absent: {parent!r} is an array of {_counted(len(objects), 'object')}: "
                    f"leave the position {name!r} out, tests look into every element"
                )
            here = f"{parent!r} has" if parent else "the event has"
            hint = _hint(document, path[: depth + 1], objects)
            return f"absent: {here} no member {name!r}{hint}"
        found = below[name]
    return _objects_there(found, clause)


def _no_object(parent: str, found: list[JSON]) -> str:
    values = list(leaves(found))
    if not values:
        return f"{parent!r} is an empty array"
    if any(isinstance(value, list) for value in found):
        first = shown(values[0]) + (", …" if len(values) > 1 else "")
        return (
            f"{parent!r} is an array of {_counted(len(values), 'value')} ({first}), and values "
            f"have no members; tests on {parent!r} see each of them"
        )
    return f"{parent!r} is {kind(values[0])} ({shown(values[0])}), not an object"


def _objects_there(found: list[JSON], clause: Clause) -> str:
    objects = list(objects_in(found))
    if not objects:
        return "an empty array is there, which holds no value"
    there = list(
        islice(
            ((name, value) for item in objects[:_MOST_OBJECTS] for name, value in members(item)),
            _MOST_NAMES,
        )
    )
    if not there:
        return "an empty object is there, which holds no value"
    passing = (
        name
        for name, value in there
        if any(test.matches(leaf) for leaf in leaves([value]) for test in clause.matchers)
    )
    name = next(passing, there[0][0])
    what, whose = "an object", "its"
    if any(isinstance(value, list) for value in found):
        what, whose = f"an array of {_counted(len(objects), 'object')}", "their"
    return f"{what} is there; tests look at leaves, name one of {whose} members, such as {name!r}"


def _hint(document: Object, path: Sequence[str], objects: Iterable[Object]) -> str:
    """What a name that is not there may have meant."""
    name = path[-1]
    every = (key for item in islice(objects, _MOST_OBJECTS) for key, _ in members(item))
    names = list(dict.fromkeys(islice(every, _MOST_NAMES)))
    for key in names:
        if key.casefold() == name.casefold():
            return f", but {key!r}: names are case-sensitive"
    if len(path) == 1 and _has(under([document], {"detail"}).get("detail", []), name):
        return f", but 'detail' has: write {{\"detail\": {{{shown(name)}: …}}}}"
    if len(path) == 2 and path[0] == "detail" and _has([document], name):
        return f", but the event itself has: write {{{shown(name)}: …}}"
    if len(name) > _LONGEST_NAME:
        return ""
    short = [key for key in names if len(key) <= _LONGEST_NAME]
    near = get_close_matches(name, short, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _has(values: list[JSON], name: str) -> bool:
    return name in under(objects_in(values), {name})


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def located(document: Object, path: Sequence[str]) -> list[tuple[str, Object]]:
    """The objects at a path, in whichever array elements, each with its JSON pointer."""
    # Of a member "a.b" the first name leads to an object without a place of its own.
    found: list[tuple[str, str, Object]] = [("", "", document)]
    for name in path:
        below: list[tuple[str, str, Object]] = []
        for place, begun, item in found:
            for key, value in members(item):
                first, dot, rest = key.partition(".")
                if key == name:
                    whole = place + pointer(begun + key)
                    below += ((where, "", each) for where, each in _objects(whole, value))
                elif dot and first == name:
                    below.append((place, f"{begun}{first}.", {rest: value}))
        found = below
    return [(place, item) for place, _, item in found]


def _objects(place: str, value: JSON) -> Iterable[tuple[str, Object]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(f"{place}/{index}", item)
    elif not isinstance(value, str | int | float | None):
        yield place, value
