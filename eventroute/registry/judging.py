"""Judges whether the events of one version of a contract can be read by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args

from eventroute.errors import ContractError
from eventroute.registry.contract import Contract
from eventroute.registry.judgement import Compatibility, Direction, Mode, Profile, Verdict

if TYPE_CHECKING:
    from eventroute.registry.inclusion import Budget
    from eventroute.registry.judgement import Change

__all__ = ["Schema", "compatibility"]

Schema: TypeAlias = Mapping[str, object] | bool | Contract
"""A JSON Schema, or a contract that holds one."""

_DIRECTIONS: Final[dict[str, tuple[Direction, ...]]] = {
    "BACKWARD": ("BACKWARD",),
    "FORWARD": ("FORWARD",),
    "FULL": ("BACKWARD", "FORWARD"),
    "NONE": (),
}
_TRANSITIVE: Final = "_TRANSITIVE"
_FOR_CHANGES: Final = 0.25


def compatibility(
    old: Schema | Sequence[Schema],
    new: Schema,
    mode: Mode = "BACKWARD",
    *,
    profile: Profile = "strict",
    seconds: float = 2.0,
) -> Compatibility:
    """Judge a change of a schema by the events that fit it: is each still read?

    ``compatible`` was proven; ``incompatible`` comes with an event that both eventroute's validator
    and plain jsonschema accept under one schema and refuse under the other; everything else is
    ``unknown``. Nothing is fetched, and the work is bounded.

    :param old: the earlier schema, or all earlier ones, oldest first. A transitive mode compares
        with each of them, another with the last. Of no earlier schema, nothing can break.
    :param mode: ``BACKWARD``: the new schema reads what fits the old one; ``FORWARD``: the old one
        reads what fits the new; ``FULL``: both. ``NONE`` asks for nothing.
    :param profile: ``strict`` is the truth. ``registry`` accepts, too, what registries of Kafka's
        field accept: a property that is required now but has a default, and one that is declared
        now where the earlier schema let undeclared members hold anything.
    :param seconds: the most time that the answer may take.
    :raises ContractError: not a JSON Schema, one that refers out of itself, an unknown mode or
        profile.
    """
    _refuse_unknown(mode, profile)
    earlier = list(old) if isinstance(old, Sequence) else [old]
    if not earlier:
        return Compatibility(Verdict.COMPATIBLE, mode, "there is no earlier schema")
    from eventroute.registry.changes import changes_between  # noqa: PLC0415  imports jsonschema
    from eventroute.registry.inclusion import Budget, readings  # noqa: PLC0415  as above

    transitive = mode.endswith(_TRANSITIVE)
    directions = _DIRECTIONS[mode.removesuffix(_TRANSITIVE)]
    against = list(range(len(earlier))) if transitive else [len(earlier) - 1]
    questions = [(index, direction) for index in reversed(against) for direction in directions]
    budget = Budget(seconds)
    latest = readings((_plain(earlier[-1]), _plain(new)), _names(earlier[-1], new))
    changes = changes_between(*latest[0], budget.share(_FOR_CHANGES))
    if not questions:
        return Compatibility(Verdict.COMPATIBLE, mode, "the mode asks for nothing", changes)
    doubts: list[Compatibility] = []
    for number, (index, direction) in enumerate(questions):
        judged = _judged(
            _Question(earlier[index], new, direction, index),
            mode,
            profile,
            changes,
            budget.share(1 / (len(questions) - number)),
        )
        if judged.verdict is Verdict.INCOMPATIBLE:
            return judged
        if judged.verdict is Verdict.UNKNOWN:
            doubts.append(judged)
    if doubts:
        return doubts[0]
    return Compatibility(Verdict.COMPATIBLE, mode, "every event that fits is read", changes)


@dataclass(frozen=True, slots=True)
class _Question:
    old: Schema
    new: Schema
    direction: Direction
    index: int


def _judged(
    question: _Question,
    mode: Mode,
    profile: Profile,
    changes: tuple[Change, ...],
    budget: Budget,
) -> Compatibility:
    from eventroute.registry.inclusion import (  # noqa: PLC0415  imports jsonschema
        Counterexample,
        Included,
        decide,
        readings,
    )
    from eventroute.registry.leniency import lenient  # noqa: PLC0415  as above

    schemas, names = (question.old, question.new), _names(question.old, question.new)
    if question.direction == "FORWARD":
        schemas, names = schemas[::-1], names[::-1]
    pairs = [
        (writer, lenient(writer, reader) if profile == "registry" else reader)
        for writer, reader in readings(tuple(map(_plain, schemas)), names)
    ]
    answer = decide(pairs, budget)
    about: dict[str, Any] = {"direction": question.direction, "against": question.index}
    if isinstance(answer, Included):
        return Compatibility(Verdict.COMPATIBLE, mode, "every event that fits is read", changes)
    if isinstance(answer, Counterexample):
        return Compatibility(
            Verdict.INCOMPATIBLE,
            mode,
            f"an event that fits {names[0]} is refused by {names[1]}, "
            f"at {answer.pointer or 'its top'}",
            changes,
            witness=answer.value,
            pointer=answer.pointer,
            **about,
        )
    return Compatibility(
        Verdict.UNKNOWN,
        mode,
        f"it is not known whether every event that fits {names[0]} fits {names[1]}: "
        f"{answer.reason}",
        changes,
        **about,
    )


def _refuse_unknown(mode: str, profile: str) -> None:
    for name, given, known in (
        ("mode", mode, get_args(Mode)),
        ("profile", profile, get_args(Profile)),
    ):
        if given not in known:
            raise ContractError(f"the {name} {given!r} is not known; use {', '.join(known)}")


def _plain(schema: Schema) -> Mapping[str, object] | bool:
    found: object = schema.schema if isinstance(schema, Contract) else schema
    if isinstance(found, (bool, Mapping)):
        return found
    raise ContractError(
        f"a schema is a mapping, true, false or a Contract, not {type(found).__name__}"
    )


def _names(old: Schema, new: Schema) -> tuple[str, str]:
    named = [schema if isinstance(schema, Contract) else None for schema in (old, new)]
    return str(named[0] or "the old schema"), str(named[1] or "the new schema")
