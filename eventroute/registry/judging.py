"""Judges whether the events of one version of a contract can be read by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

from eventroute.errors import ContractError
from eventroute.registry.contract import Contract
from eventroute.registry.judgement import Compatibility, Direction, Mode, Profile, Verdict

if TYPE_CHECKING:
    from eventroute.registry.inclusion import Budget, Counterexample, Included, Undecided

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
    from eventroute.registry.inclusion import Budget  # noqa: PLC0415  as above

    transitive = mode.endswith(_TRANSITIVE)
    directions = _DIRECTIONS[mode.removesuffix(_TRANSITIVE)]
    against = list(range(len(earlier))) if transitive else [len(earlier) - 1]
    questions = [(index, direction) for index in reversed(against) for direction in directions]
    changes = changes_between(_plain(earlier[-1]), _plain(new))
    if not questions:
        return Compatibility(Verdict.COMPATIBLE, mode, "the mode asks for nothing", changes)
    budget = Budget(seconds)
    doubt: Compatibility | None = None
    for number, (index, direction) in enumerate(questions):
        part = budget.share(1 / (len(questions) - number))
        names = (_name(earlier[index], "the old schema"), _name(new, "the new schema"))
        answer = _answer(
            (_plain(earlier[index]), names[0]), (_plain(new), names[1]), direction, profile, part
        )
        judged = _judged(answer, mode, direction, index, names)
        if judged.verdict is Verdict.INCOMPATIBLE:
            return _with(judged, changes)
        if judged.verdict is Verdict.UNKNOWN:
            doubt = doubt or judged
    if doubt:
        return _with(doubt, changes)
    return Compatibility(Verdict.COMPATIBLE, mode, "every event that fits is read", changes)
