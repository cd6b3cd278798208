"""Values worth a try where no proof was found: what schemas name, and changes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["guesses"]

_PLAIN: Final[tuple[object, ...]] = (
    *(None, True, False, 0, 1, -1, 0.5, 2, 1000, "", "a", "A", "0", "a a", "\u00e9"),
    *([], {}, [None], [0], [""], [0, 0], {"a": None}, {"zz": 0}),
)
_MOST_NAMED: Final = 300


def guesses(schemas: Iterable[object], bases: Iterable[object]) -> Iterator[object]:
    """Generate values, the plainest first.

    :param bases: values that are known to fit, to be changed at one place each.
    """
    named = list(_named(schemas))
    yield from _PLAIN
    yield from named
    starts = [*bases, *(value for value in named if is_object(value) or is_array(value))]
    for base in starts:
        yield base
        yield from _changed(base, named)


def _named(schemas: Iterable[object]) -> Iterator[object]:
    """Values in the schemas, and those next to their bounds."""
    pending: list[object] = list(schemas)
    count = 0
    while pending and count < _MOST_NAMED:
        part = pending.pop()
        if is_array(part):
            pending.extend(part)
        if not is_object(part):
            continue
        pending.extend(part.values())
        values: list[object] = []
        for keyword in ("enum", "examples"):
            listed = part.get(keyword)
            values.extend(listed[:20] if is_array(listed) else ())
        values.extend(part[keyword] for keyword in ("const", "default") if keyword in part)
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            bound = part.get(keyword)
            if isinstance(bound, (int, float)) and not isinstance(bound, bool):
                values.extend((bound, bound - 1, bound + 1))
        for keyword in ("minLength", "maxLength"):
            length = part.get(keyword)
            if isinstance(length, int) and length < 1000:
                values.extend("a" * other for other in (length, length + 1, max(0, length - 1)))
        count += len(values)
        yield from values


def _changed(base: Any, named: list[object]) -> Iterator[object]:  # noqa: ANN401  any JSON value
    """The value with something else at one place, without a member, or with one more."""
    others = [*_PLAIN, *named[:40]]
    if is_object(base):
        for name in base:
            yield {other: member for other, member in base.items() if other != name}
        yield {**base, "zz": None}
        for name, member in base.items():
            for other in others:
                yield {**base, name: other}
            if is_object(member) or is_array(member):
                for other in _changed(member, named):
                    yield {**base, name: other}
    elif is_array(base):
        yield [*base, None]
        yield [*base, *base]
        for index, element in enumerate(base):
            yield base[:index] + base[index + 1 :]
            for other in others:
                yield [*base[:index], other, *base[index + 1 :]]
            if is_object(element) or is_array(element):
                for other in _changed(element, named):
                    yield [*base[:index], other, *base[index + 1 :]]
