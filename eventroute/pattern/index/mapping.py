"""Reading from an event that is parsed already what lies at the paths that rules name."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from eventroute.pattern.event_values import Object, leaves, plain_value, values_at
from eventroute.pattern.index.leaf import ABSENT, NO_WAYS, Finding, UnusualEventError, finding

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
    if type(event) is dict:
        findings: list[Finding] = [ABSENT] * size
        if _read_plainly(root, event, findings):
            return findings, NO_WAYS
    found: list[list[Any]] = [[] for _ in range(size)]
    arrays: set[tuple[str, ...]] = set()
    _visit(root, event, found, arrays)
    return [finding(one) for one in found], arrays


def _read_plainly(step: Step, value: dict[str, Any], findings: list[Finding]) -> bool:
    """Read an event of plain objects and scalars on the ways; ``False`` where it is another."""
    for dotted in step.dotted:
        if dotted in value:
            return False
    for name, below in step.steps.items():
        inside = value.get(name, ABSENT)
        if inside is ABSENT:
            continue
        kind = type(inside)
        if kind in _PLAIN or (kind is float and isfinite(inside)):
            if below.index is not None:
                findings[below.index] = inside
        elif kind is not dict or not _read_plainly(below, inside, findings):
            return False
    return True


def _visit(
    step: Step,
    value: Any,  # noqa: ANN401  as the caller has it
    found: list[list[Any]],
    arrays: set[tuple[str, ...]],
) -> None:
    if isinstance(value, Mapping):
        if any(name in value for name in step.dotted):
            raise UnusualEventError
        for name, below in step.steps.items():
            inside = value.get(name, ABSENT)
            if inside is not ABSENT:
                _visit(below, inside, found, arrays)
    elif isinstance(value, list | tuple) and step.steps:
        arrays.add(step.path)
        for item in value:
            if isinstance(item, list | tuple):
                raise UnusualEventError  # arrays in arrays have a consistency of their own
            _visit(step, item, found, arrays)
    elif step.index is not None:
        found[step.index] += leaves([plain_value(value)])


def read_whole(paths: Sequence[str], document: Object) -> list[Finding]:
    """The findings of an event with repeated or dotted names, or arrays in arrays.

    Which leaves belong together is lost, so what they match has to be checked on the document.
    """
    return [finding([*leaves(values_at(document, path.split(".")))]) for path in paths]
