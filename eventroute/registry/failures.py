"""From jsonschema's tree of errors to the places that are wrong.

Where a schema offers alternatives, jsonschema reports how each of them failed. One of them is
what the sender meant: its failures are reported, and those of the others are not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from eventroute.dialects.places import LocalPlaces
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.wording import one_of, one_type_of, wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema import ValidationError

__all__ = ["Failure", "explain"]

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """One place that is wrong.

    :ivar path: member names and array positions that lead there.
    :ivar keyword: the keyword of the schema that it breaks.
    :ivar accepted: the values (``const``, ``enum``) or type names (``type``) it would take.
    """

    path: _Path
    message: str
    keyword: str
    accepted: tuple[object, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Branch:
    """How one alternative failed. ``cost`` counts what would have to be mended to fit it."""

    failures: tuple[Failure, ...]
    cost: int

    def wrong_type_at(self, path: _Path) -> Failure | None:
        return next((f for f in self.failures if f.keyword == "type" and f.path == path), None)

    def wrong_tags(self, path: _Path) -> dict[_Path, Failure]:
        """The fixed values that the instance, or a member of it, does not have."""
        return {
            f.path: f
            for f in self.failures
            if f.keyword in ("const", "enum") and len(f.path) <= len(path) + 1
        }


def explain(
    errors: Iterable[ValidationError], schema: Mapping[str, object], detail: Mapping[str, object]
) -> list[Failure]:
    """List what is wrong, in document order, each once.

    :param errors: what jsonschema reported at the top.
    :param schema: the root schema, in which ``$ref`` are looked up.
    """
    places = LocalPlaces(schema)
    found = dict.fromkeys(f for error in errors for f in _explain(error, places).failures)
    # A value of the wrong type breaks every other keyword too; that would say nothing new.
    mistyped = {failure.path for failure in found if failure.keyword == "type"}
    told = (f for f in found if f.keyword == "type" or f.path not in mistyped)
    positions: dict[int, dict[str, int]] = {}
    return sorted(told, key=lambda failure: _position(failure.path, detail, positions))


def _explain(error: ValidationError, places: LocalPlaces) -> _Branch:
    if error.context and error.validator in ("anyOf", "oneOf"):
        return _nearest(error, places)
    path = tuple(error.absolute_path)
    # What eventroute's own keywords say of one member, they say in full.
    message = error.message if _is_about_member(error) else wording(error)
    failure = Failure(path, message, str(error.validator), _accepted(error))
    return _Branch((failure,), 1)


def _is_about_member(error: ValidationError) -> bool:
    wanted: Any = error.validator_value
    return (
        (error.validator == "required" and is_array(wanted))
        or error.validator == "dependentRequired"
        or (
            error.validator in ("additionalProperties", "unevaluatedProperties") and wanted is False
        )
    )


def _accepted(error: ValidationError) -> tuple[object, ...]:
    wanted: Any = error.validator_value
    if error.validator == "const":
        return (wanted,)
    if error.validator in ("enum", "type"):
        return (wanted,) if isinstance(wanted, str) else tuple(wanted)
    return ()


def _nearest(error: ValidationError, places: LocalPlaces) -> _Branch:
    """The alternative that the instance is nearest to.

    Not one that expects another type of value; not one whose tag (a member with a fixed value)
    is wrong where another's is right; else the one with the fewest failures.
    """
    path = tuple(error.absolute_path)
    inner: defaultdict[int, list[_Branch]] = defaultdict(list)
    for child in error.context:
        if child.schema_path:  # an alternative that is `false` fails without a place of its own
            inner[int(child.schema_path[0])].append(_explain(child, places))
    if not inner:
        return _Branch((Failure(path, wording(error), str(error.validator)),), 1)
    branches = {number: _joined(parts) for number, parts in sorted(inner.items())}
    every = list(branches.values())

    types = [branch.wrong_type_at(path) for branch in every]
    if all(types):
        return _merged([failure for failure in types if failure], every)
    right_type = {n: b for n, b in branches.items() if not b.wrong_type_at(path)}

    every_tag = next(iter(right_type.values())).wrong_tags(path)
    shared = [p for p in every_tag if all(p in b.wrong_tags(path) for b in right_type.values())]
    if shared and len(right_type) > 1:
        place = min(shared, key=len)
        wrong = [branch.wrong_tags(path)[place] for branch in right_type.values()]
        return _merged(wrong, list(right_type.values()))

    alternatives = cast("Sequence[object]", error.validator_value)
    right_tags = {
        member
        for number, branch in right_type.items()
        for member in _tags(alternatives[number], places)
        if (*path, member) not in branch.wrong_tags(path)
    }
    return min(
        right_type.values(),
        key=lambda b: (any(p[-1:] and p[-1] in right_tags for p in b.wrong_tags(path)), b.cost),
    )


def _joined(parts: Sequence[_Branch]) -> _Branch:
    failures = tuple(failure for part in parts for failure in part.failures)
    return _Branch(failures, sum(part.cost for part in parts))


def _merged(wrong: Sequence[Failure], branches: Sequence[_Branch]) -> _Branch:
    """One failure for the place at which every alternative wants something else."""
    accepted: list[object] = []
    for failure in wrong:
        accepted.extend(value for value in failure.accepted if value not in accepted)
    first = wrong[0]
    say = one_type_of if first.keyword == "type" else one_of
    got = first.message.rpartition(", not ")[2]
    keyword = "type" if first.keyword == "type" else "enum"
    failure = Failure(first.path, f"{say(accepted)}, not {got}", keyword, tuple(accepted))
    return _Branch((failure,), min(branch.cost for branch in branches))


def _tags(alternative: object, places: LocalPlaces) -> Iterable[str]:
    """Names of the members to which an alternative gives one fixed value."""
    for _ in range(16):  # a chain of references, should it be a circle
        reference = alternative.get("$ref") if is_object(alternative) else None
        if not isinstance(reference, str):
            break
        place = places.of(reference)
        alternative = None if place is None else place[1]
    members = alternative.get("properties") if is_object(alternative) else None
    for name, rule in members.items() if is_object(members) else ():
        if is_object(rule) and ("const" in rule or len(rule.get("enum", ())) == 1):
            yield name


def _position(path: _Path, detail: object, positions: dict[int, dict[str, int]]) -> tuple[int, ...]:
    """Where a path stands in the document; a missing member stands behind all others."""
    place: list[int] = []
    for step in path:
        if is_object(detail):
            if id(detail) not in positions:
                positions[id(detail)] = {name: index for index, name in enumerate(detail)}
            place.append(positions[id(detail)].get(str(step), len(detail)))
            detail = detail.get(str(step))
        elif is_array(detail) and isinstance(step, int):
            place.append(step)
            detail = detail[step] if step < len(detail) else None
    return tuple(place)
