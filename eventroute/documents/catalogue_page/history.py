"""What changed from one version of a contract to the next, and what it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.documents.described import DescribedType
    from eventroute.registry.judgement import Compatibility

__all__ = ["Step", "history_of"]


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next.

    :ivar backward: whether who reads the new version reads events of the old; a text where that
        could not be judged.
    :ivar forward: the reverse.
    """

    older: int
    newer: int
    backward: Compatibility | str
    forward: Compatibility | str


def history_of(type_: DescribedType) -> tuple[Step, ...]:
    """Judge each version of an event type against the one before it; the latest first."""
    steps = [
        Step(
            older.number,
            newer.number,
            _judged(older.schema, newer.schema, "BACKWARD"),
            _judged(older.schema, newer.schema, "FORWARD"),
        )
        for older, newer in pairwise(type_.versions)
    ]
    return tuple(reversed(steps))


def _judged(
    older: Mapping[str, object], newer: Mapping[str, object], mode: Literal["BACKWARD", "FORWARD"]
) -> Compatibility | str:
    from eventroute.registry import compatibility  # noqa: PLC0415  only where there is a history

    try:
        return compatibility(older, newer, mode)
    except EventRouteError as error:
        return str(error)
