"""One schema that became one of several, or the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import ANNOTATIONS
from eventroute.registry.changes.keywords import PLAIN, show, show_all
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CHOICES", "Choices", "as_choices", "counterparts", "told"]

CHOICES: Final = ("anyOf", "oneOf")
"""Keywords that list alternatives."""
_NOTES: Final = ANNOTATIONS | {"discriminator", "$schema", "$id", "$defs", "definitions"}
"""Keywords that refuse nothing."""
_SIMPLE: Final = frozenset({*PLAIN, "properties", "items", "additionalProperties"} - {"$ref"})


@dataclass(frozen=True, slots=True)
class Choices:
    """Both schemas as alternatives.

    :ivar keyword: the one that lists them in the schema that is a choice.
    :ivar was: those of the old schema.
    :ivar now: those of the new one.
    :ivar widened: whether the new schema is the choice.
    """

    keyword: str
    was: list[Any]
    now: list[Any]
    widened: bool


def as_choices(old: dict[str, Any], new: dict[str, Any]) -> Choices | None:
    """Where one of them is a choice and nothing else, and the other is none; else ``None``."""
    for keyword in CHOICES:
        for widened, single, choice in ((True, old, new), (False, new, old)):
            alternatives = choice.get(keyword)
            if _asserting(choice).keys() != {keyword} or not is_array(alternatives):
                continue
            alone = _alone(_asserting(single))
            if not alone or not alternatives:
                return None
            was, now = (alone, alternatives) if widened else (alternatives, alone)
            return Choices(keyword, was, now, widened)
    return None


def _alone(schema: dict[str, Any]) -> list[Any]:
    if not schema.keys() <= _SIMPLE:
        return []
    kinds = schema.get("type", "")
    if is_array(kinds):
        return [{"type": kind} for kind in kinds] if schema.keys() == {"type"} else []
    return [schema] if schema else []


def counterparts(alone: Sequence[object], alternatives: Sequence[object]) -> dict[int, int]:
    """Which alternative each stands for: the one that says the same, or else has its type.

    A single one stands for the first where none has.
    """
    found: dict[int, int] = {}
    for by in (_text, _kinds):
        keys = [by(one) for one in alternatives]
        for index, one in enumerate(alone):
            if index not in found:
                rest = [at for at, key in enumerate(keys) if key == by(one)]
                found.update((index, at) for at in rest[:1] if at not in found.values())
    return found or ({0: 0} if len(alone) == 1 else {})


def told(keyword: str, one: object, others: Sequence[object], *, added: bool) -> str:
    """Say that an alternative came or went.

    :param others: the alternatives of the schema that lacks it, with references followed.
    """
    plain = _plain(one)
    kind = plain.get("type") if is_object(plain) and plain.keys() == {"type"} else None
    if keyword in CHOICES and isinstance(kind, str) and not _may_be(kind, others):
        return f"{kind} is allowed now" if added else f"{kind} is no longer allowed"
    return f"{show(one)} {'joined' if added else 'left'} {keyword}"


def _may_be(kind: str, alternatives: Sequence[object]) -> bool:
    numbers = {"integer", "number"}
    meant = numbers if kind in numbers else {kind}
    every = [_kinds(one) for one in alternatives]
    return any(not kinds or not meant.isdisjoint(kinds) for kinds in every)


def _text(schema: object) -> str:
    return show_all(_plain(schema))


def _kinds(schema: object) -> frozenset[str]:
    """The types that a schema names; nothing where it names none."""
    found = schema.get("type") if is_object(schema) else None
    return (
        frozenset(map(str, found))
        if is_array(found)
        else frozenset([found] if isinstance(found, str) else [])
    )


def _plain(schema: object) -> object:
    return _asserting(schema) if is_object(schema) else schema


def _asserting(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in schema.items()
        if name not in _NOTES and not name.startswith("x-")
    }
