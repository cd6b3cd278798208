"""Whether two schemas of one version are one contract: the same events fit both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from eventroute.dialects.keywords import ANNOTATIONS, map_subschemas, subschemas
from eventroute.dialects.modern import LATEST
from eventroute.dialects.places import LocalPlaces
from eventroute.errors import ContractError, ContractNotFoundError
from eventroute.jsontext import objects_in, pointer, value_at
from eventroute.registry.bundling import bundled
from eventroute.registry.equality import canonical
from eventroute.registry.formats import same_formats
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.judging import compatibility
from eventroute.registry.shared_time import SharedTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract import Contract
    from eventroute.registry.bundling import Lookup

__all__ = [
    "SECONDS",
    "differing_annotations",
    "own_annotations",
    "same_contract",
    "same_events",
    "wording",
]

SECONDS: Final = 1.0
"""How long one proof may take, in seconds of processor time, unless somebody says otherwise."""
_MOST_PLACES: Final = 20
_SETS: Final = ("required", "enum", "type")


def same_events(
    one: Mapping[str, object], other: Mapping[str, object], *, seconds: float = SECONDS
) -> bool:
    """Whether it is certain that the same events fit two schemas, with the same ``format``.

    They do where only annotations differ, and the order of what has none; else it must be proven.

    :param one: a schema with everything inside that it refers to.
    :param other: another.
    :param seconds: how long the proof may take.
    """
    if one == other and canonical(one) == canonical(other):
        return True
    if _differ_in_annotations(one, other):
        return True
    return seconds > 0 and _proven(one, other, seconds)


def same_contract(
    one: Contract, other: Contract, ones: Lookup, others: Lookup, *, seconds: float = SECONDS
) -> bool:
    """Whether it is certain that the same events fit two contracts, with what they refer to.

    :param ones: where the contracts are found to which the one refers.
    :param others: the same of the other.
    :param seconds: how long the proof may take.
    """
    time = SharedTime(seconds)
    with time.part() as part:
        if same_events(one.schema, other.schema, seconds=part):
            return True
    try:
        whole = bundled(one, ones), bundled(other, others)
    except (ContractError, ContractNotFoundError):
        return False
    with time.part() as part:
        return whole != (one.schema, other.schema) and same_events(*whole, seconds=part)


def wording(one: Mapping[str, object], other: Mapping[str, object]) -> str:
    """How two schemas are written that the same events fit; ``""`` where it is the same."""
    annotations = differing_annotations(one, other)
    if annotations is None:
        return "written in other words, and the same events fit"
    return f"only annotations differ: {', '.join(annotations)}" if annotations else ""


def differing_annotations(
    one: Mapping[str, object], other: Mapping[str, object]
) -> tuple[str, ...] | None:
    """JSON pointers to annotations that differ; ``None`` where something else does, too.

    At most 20; none where only the order differs.
    """
    if not _differ_in_annotations(one, other):
        return None
    found: list[str] = []
    pending: list[tuple[tuple[str | int, ...], dict[str, Any], dict[str, Any]]] = [
        ((), dict(one), dict(other))
    ]
    while pending and len(found) < _MOST_PLACES:
        path, mine, theirs = pending.pop()
        found += (
            pointer(*path, keyword)
            for keyword in sorted(ANNOTATIONS)
            if _text_of(mine, keyword) != _text_of(theirs, keyword)
        )
        beside = dict(subschemas(theirs))
        inner = [(way, part) for way, part in subschemas(mine) if is_object(part)]
        for way, part in reversed(inner):
            twin = beside.get(way)
            if is_object(twin):
                pending.append(((*path, *way), part, twin))
    return tuple(found[:_MOST_PLACES])


def own_annotations(one: Mapping[str, object], other: Mapping[str, object]) -> tuple[str, ...]:
    """JSON pointers to annotations of one schema that another has not at that place; at most 20."""
    found: list[str] = []
    pending: list[tuple[tuple[str | int, ...], dict[str, Any]]] = [((), dict(one))]
    whole = dict(other)
    while pending and len(found) < _MOST_PLACES:
        path, schema = pending.pop()
        for keyword in sorted(ANNOTATIONS & schema.keys()):
            place = pointer(*path, keyword)
            if not _holds(whole, place, schema[keyword]):
                found.append(place)
        inner = [((*path, *way), part) for way, part in subschemas(schema) if is_object(part)]
        pending += reversed(inner)
    return tuple(found[:_MOST_PLACES])


def _holds(document: object, place: str, value: object) -> bool:
    try:
        return canonical(value_at(document, place)) == canonical(value)
    except LookupError:
        return False


def _text_of(schema: dict[str, Any], keyword: str) -> str | None:
    return canonical(schema[keyword]) if keyword in schema else None


def _differ_in_annotations(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    try:
        if _refers_to_annotation(one) or _refers_to_annotation(other):
            return False
        return canonical(_bare(one)) == canonical(_bare(other))
    except RecursionError:
        return False


def _bare(schema: Mapping[str, object]) -> dict[str, Any]:
    bare: dict[str, Any] = _stripped(schema, ())
    if bare.get("$schema") == LATEST:
        del bare["$schema"]  # what is meant where it is absent
    return bare


def _stripped(schema: object, _: tuple[str | int, ...]) -> Any:  # noqa: ANN401  a schema
    if not is_object(schema):
        return schema
    copy = map_subschemas(schema, _stripped)
    for keyword in ANNOTATIONS & copy.keys():
        del copy[keyword]
    for keyword in _SETS:
        if is_array(copy.get(keyword)):
            copy[keyword] = sorted(copy[keyword], key=canonical)
    return copy


def _refers_to_annotation(root: Mapping[str, object]) -> bool:
    """Whether a reference may lead into an annotation, which then is more than that."""
    places = LocalPlaces(root)
    return any(
        not ANNOTATIONS.isdisjoint(re.split("[/#]", unquote(reference)))
        or (reference.startswith("#") and places.of(reference) is None)
        for part in objects_in(dict(root))
        for keyword in ("$ref", "$dynamicRef")
        if isinstance(reference := part.get(keyword), str)
    )


def _proven(one: Mapping[str, object], other: Mapping[str, object], seconds: float) -> bool:
    try:
        judged = compatibility(
            _of_objects(one), _of_objects(other), "FULL", profile="strict", seconds=seconds
        )
    except (ContractError, RecursionError):
        return False
    # Validators may take a format for an annotation; readers of the events do not.
    return bool(judged) and same_formats(one, other, judged.changes)


def _of_objects(schema: Mapping[str, object]) -> Mapping[str, object]:
    """The schema without values that are no object, where it allows them: no detail is one."""
    kind = schema.get("type")
    if kind is None or (is_array(kind) and "object" in kind):
        return {**schema, "type": "object"}
    return schema
