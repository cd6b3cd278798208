"""A smaller value with the same property: what is not needed for it is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.registry.inclusion.budget import OutOfBudgetError
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["shrunk"]

_MOST_CHECKS: Final = 60
_FEW: Final = 8


def shrunk(value: object, holds: Callable[[object], bool]) -> object:
    """Leave out members and elements as long as ``holds``; a bounded number of tries."""
    left = _MOST_CHECKS
    while True:
        for candidate in _smaller(value):
            left -= 1
            if left < 0:
                return value
            try:
                fits = holds(candidate)
            except OutOfBudgetError:
                return value
            if fits:
                value = candidate
                break
        else:
            return value


def _smaller(value: object) -> Iterator[object]:
    if is_object(value):
        for name in value:
            yield {other: member for other, member in value.items() if other != name}
        for name, member in value.items():
            for less in _smaller(member):
                yield {**value, name: less}
    elif is_array(value):
        if len(value) > _FEW:
            yield value[: len(value) // 2]
        for index in range(min(len(value), _FEW)):
            yield value[:index] + value[index + 1 :]
        for index, element in enumerate(value[:_FEW]):
            for less in _smaller(element):
                yield [*value[:index], less, *value[index + 1 :]]
