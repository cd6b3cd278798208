"""Reading from an event that is parsed already what lies at the paths that rules name."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from eventroute.pattern.event_values import Object, leaves, plain_value, values_at
from eventroute.pattern.index.leaf import ABSENT, Finding, UnusualEventError, finding

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from eventroute.pattern.index.steps import Step

__all__ = ["read_mapping", "read_whole"]

_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""Leaves that need no look at their value, as a float does, which may be no JSON number."""


def read_mapping(
    root: Step, size: int, event: Mapping[str, Any]
) -> tuple[Sequence[Finding], Set[tuple[str, ...]]]:
    """The findings, and the paths above them at which the event has an array.

    Only what lies at the paths is looked at.

    :raises UnusualEventError: the event has to be read as a whole.
    :raises EventError: a leaf is not a JSON value.
    """
    findings: list[Finding] = [ABSENT] * size
    arrays: set[tuple[str, ...]] = set()
    _read_object(root, event, findings, arrays, False)
    return findings, arrays


def _read_object(
    step: Step,
    value: Mapping[str, Any],
    findings: list[Finding],
    arrays: set[tuple[str, ...]],
    in_array: bool,
) -> None:
    for dotted in step.dotted:
        if dotted in value:
            raise UnusualEventError
    for name, below in step.steps.items():
        inside = value.get(name, ABSENT)
        kind = type(inside)
        if kind in _PLAIN or (kind is float and isfinite(inside)):
            if below.index is None:
                continue
            if in_array:
                findings[below.index].append(inside)
            else:
                findings[below.index] = inside
        elif kind is dict:
            _read_object(below, inside, findings, arrays, in_array)
        elif inside is not ABSENT:
            _read_other(below, inside, findings, arrays, in_array)


def _read_other(
    step: Step,
    value: object,
    findings: list[Finding],
    arrays: set[tuple[str, ...]],
    in_array: bool,
) -> None:
    if isinstance(value, list | tuple):
        if not in_array:
            for index in step.indexes:
                findings[index] = []
        _read_array(step, value, findings, arrays)
    elif isinstance(value, Mapping):
        _read_object(step, value, findings, arrays, in_array)
    elif step.index is not None:
        leaf = plain_value(value)
        if in_array:
            findings[step.index].append(leaf)
        else:
            findings[step.index] = leaf


def _read_array(
    step: Step,
    items: Sequence[Any],
    findings: list[Finding],
    arrays: set[tuple[str, ...]],
) -> None:
    """Append to the findings at and below a step, which are lists."""
    if not step.steps:
        plain = _PLAIN.issuperset(map(type, items))
        findings[step.indexes[0]] += items if plain else leaves([plain_value(items)])
        return
    arrays.add(step.path)
    for item in items:
        if type(item) is dict or isinstance(item, Mapping):
            _read_object(step, item, findings, arrays, True)
        elif isinstance(item, list | tuple):
            raise UnusualEventError  # arrays in arrays have a consistency of their own
        elif step.index is not None:
            findings[step.index].append(plain_value(item))


def read_whole(paths: Sequence[str], document: Object) -> list[Finding]:
    """The findings of an event with repeated or dotted names, or arrays in arrays.

    Which leaves belong together is lost, so what they match has to be checked on the document.
    """
    return [finding([*leaves(values_at(document, path.split(".")))]) for path in paths]
