"""Judges whether the events of one version of a contract can be read by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

from eventroute.errors import ContractError
from eventroute.registry.contract import Contract
from eventroute.registry.judgement import Compatibility, Direction, Mode, Profile, Verdict

if TYPE_CHECKING:
    from eventroute.registry.inclusion import (
        Budget,
        Counterexample,
        Document,
        Included,
        Undecided,
    )
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
_FOR_LENIENCY: Final = 0.25
_FIRST: Final = 0.7


def compatibility(
    old: Schema | Sequence[Schema],
    new: Schema,
    mode: Mode = "BACKWARD",
    *,
    profile: Profile = "strict",
    seconds: float = 2.0,
) -> Compatibility:
    """Judge a change of a schema by the events that fit it: whether each is still read.

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
    :param seconds: the most processor time that the answer may take.
    :raises ContractError: not a JSON Schema, one that refers out of itself, an unknown mode or
        profile.
    """
    _refuse_unknown(mode, profile)
    earlier = list(old) if isinstance(old, Sequence) else [old]
    if not earlier:
        return Compatibility(Verdict.COMPATIBLE, mode, "there is no earlier schema")
    from eventroute.registry.inclusion import (  # noqa: PLC0415  imports jsonschema
        Budget,
        OutOfBudgetError,
    )

    budget = Budget(seconds)
    try:
        return _compared(earlier, new, mode, profile, budget)
    except OutOfBudgetError:
        return Compatibility(
            Verdict.UNKNOWN, mode, f"the schemas cannot be read in {seconds:g} seconds"
        )


def _compared(
    earlier: list[Schema], new: Schema, mode: Mode, profile: Profile, budget: Budget
) -> Compatibility:
    from eventroute.registry.changes import changes_between  # noqa: PLC0415  imports jsonschema

    latest = _read(earlier[-1], new, budget)
    changes = changes_between(latest[0][0], latest[0][1], budget.share(_FOR_CHANGES))
    transitive = mode.endswith(_TRANSITIVE)
    directions = _DIRECTIONS[mode.removesuffix(_TRANSITIVE)]
    indexes = range(len(earlier) - 1, -1 if transitive else len(earlier) - 2, -1)
    questions: list[tuple[int, Direction]] = [
        (index, direction) for index in indexes for direction in directions
    ]
    if not questions:
        return Compatibility(Verdict.COMPATIBLE, mode, "the mode asks for nothing", changes)
    doubt: Compatibility | None = None
    for number, (index, direction) in enumerate(questions):
        part = budget.share(1 / (len(questions) - number))
        pairs = latest if index == len(earlier) - 1 else _read(earlier[index], new, part)
        about = _About(_names(earlier[index], new), mode, direction, index, changes)
        judged = _judged(pairs, about, profile, part)
        if judged.verdict is Verdict.INCOMPATIBLE:
            return judged
        if judged.verdict is Verdict.UNKNOWN and doubt is None:
            doubt = judged
    if doubt is not None:
        return doubt
    return Compatibility(Verdict.COMPATIBLE, mode, "every event that fits is read", changes)


@dataclass(frozen=True, slots=True)
class _About:
    """Which question it is.

    :ivar names: what the old and the new schema are called.
    """

    names: tuple[str, str]
    mode: Mode
    direction: Direction
    index: int
    changes: tuple[Change, ...]


def _read(old: Schema, new: Schema, budget: Budget) -> list[tuple[Document, Document]]:
    from eventroute.registry.inclusion import readings  # noqa: PLC0415  imports jsonschema

    read = readings((_plain(old), _plain(new)), _names(old, new), budget)
    return [(documents[0], documents[1]) for documents in read]


def _judged(
    pairs: list[tuple[Document, Document]], about: _About, profile: Profile, budget: Budget
) -> Compatibility:
    from eventroute.registry.inclusion import (  # noqa: PLC0415  imports jsonschema
        Counterexample,
        Included,
        decide,
    )

    writer, reader = about.names
    if about.direction == "FORWARD":
        pairs = [(new, old) for old, new in pairs]
        writer, reader = reader, writer
    answer = _by_registries(pairs, budget) if profile == "registry" else decide(pairs, budget)
    if isinstance(answer, Included):
        return Compatibility(
            Verdict.COMPATIBLE, about.mode, "every event that fits is read", about.changes
        )
    if isinstance(answer, Counterexample):
        return Compatibility(
            Verdict.INCOMPATIBLE,
            about.mode,
            f"an event that fits {writer} is refused by {reader}, at {answer.pointer or 'its top'}",
            about.changes,
            witness=answer.value,
            direction=about.direction,
            pointer=answer.pointer,
            against=about.index,
        )
    return Compatibility(
        Verdict.UNKNOWN,
        about.mode,
        f"it is not known whether every event that fits {writer} fits {reader}: {answer.reason}",
        about.changes,
        direction=about.direction,
        against=about.index,
    )


def _by_registries(
    pairs: list[tuple[Document, Document]], budget: Budget
) -> Included | Counterexample | Undecided:
    from eventroute.registry.inclusion import (  # noqa: PLC0415  imports jsonschema
        Included,
        OutOfBudgetError,
        Undecided,
        decide,
    )
    from eventroute.registry.leniency import lenient  # noqa: PLC0415  as above

    part = budget.share(_FOR_LENIENCY)
    try:
        changed = [(sent, lenient(sent, read, part)) for sent, read in pairs]
    except OutOfBudgetError:
        answer: Included | Counterexample | Undecided = Undecided(
            "the question takes more work than it may"
        )
    else:
        answer = decide(changed, budget.share(_FIRST))
    if isinstance(answer, Undecided):
        # What is compatible by the truth is so by this profile, and may be plainer to see.
        truth = decide(pairs, budget)
        return truth if isinstance(truth, Included) else answer
    return answer


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
