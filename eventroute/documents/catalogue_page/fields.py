"""A schema as a table of fields that people read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.documents.catalogue_page.constraints import constraints_of
from eventroute.documents.catalogue_page.parts import Parts
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.documents.catalogue_page.parts import Applied

__all__ = ["MOST_FIELDS", "Field", "fields_of"]

MOST_FIELDS: Final = 400
"""Most rows of one table."""
_DEEPEST: Final = 8
_MOST_STEPS: Final = 20_000
"""Alternatives of alternatives multiply."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row.

    :ivar path: such as ``address.street``, ``lines[].sku``, or ``prices.*`` for any member.
    :ivar type: such as ``"string (date-time)"`` or ``"array of Line"``.
    :ivar constraints: what else must hold, each a phrase.
    """

    path: str
    type: str
    required: bool
    description: str
    constraints: tuple[str, ...]


def fields_of(schema: Mapping[str, object]) -> tuple[Field, ...]:
    """List the fields of a detail, at most `MOST_FIELDS`, each under the object that has it.

    References are followed, but not in circles; what is nested more than eight levels deep is left
    out. What cannot be followed at all gives no rows.
    """
    found: list[Field] = []
    with suppress(ContractError, RecursionError, _EnoughError):
        walk = _Walk(Parts(schema))
        for field in walk.rows():
            found.append(field)  # noqa: PERF402  what was found before the end counts
    return tuple(found)


class _EnoughError(Exception):
    """The steps are used up."""


class _Walk:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._left = MOST_FIELDS
        self._steps = _MOST_STEPS

    def rows(self) -> Iterator[Field]:
        yield from self._below("", self._parts.of_root(), 0)

    def _of(self, node: object, above: Applied) -> Applied:
        self._steps -= 1
        if self._steps < 0:
            raise _EnoughError
        return self._parts.of(node, above.seen)

    def _row(
        self, path: str, node: object, *, required: bool, above: Applied, depth: int
    ) -> Iterator[Field]:
        if self._left <= 0:
            return
        self._left -= 1
        applied = self._of(node, above)
        yield Field(
            path,
            self._type(applied, depth),
            required,
            applied.description,
            tuple(constraints_of(applied.schemas)),
        )
        yield from self._below(path, applied, depth + 1)

    def _below(self, path: str, applied: Applied, depth: int) -> Iterator[Field]:
        """The rows of what is inside a value."""
        if depth > _DEEPEST:
            return
        begin = f"{path}." if path else ""
        required = {name for one in applied.schemas for name in _names(one.get("required"))}
        done: set[str] = set()
        for one in applied.schemas:
            for name, inner in _members(one.get("properties")):
                if name not in done:
                    done.add(name)
                    yield from self._row(
                        begin + name, inner, required=name in required, above=applied, depth=depth
                    )
            for name, inner in (
                *((f"/{name}/", inner) for name, inner in _members(one.get("patternProperties"))),
                ("*", one.get("additionalProperties")),
            ):
                if isinstance(inner, dict) and inner:
                    yield from self._row(
                        begin + name, inner, required=False, above=applied, depth=depth
                    )
            for inner in _elements(one):
                yield from self._below(f"{path}[]", self._of(inner, applied), depth + 1)
        for option in applied.options:
            inside = self._of(option, applied)
            name = self._type(inside, depth)
            place = f"{path} ({name})" if path else f"({name})"
            yield from self._below(place, inside, depth + 1)

    def _type(self, applied: Applied, depth: int) -> str:
        if applied.in_circle or depth > _DEEPEST:
            return applied.name or "object"
        if applied.options:
            kinds = [self._type(self._of(one, applied), depth + 1) for one in applied.options]
        else:
            kinds = [self._of_kind(kind, applied, depth) for kind in applied.kinds]
        if applied.nullable:
            kinds.append("null")
        return " or ".join(dict.fromkeys(kinds)) or "anything"

    def _of_kind(self, kind: str, applied: Applied, depth: int) -> str:
        if kind == "array":
            inner = [one for schema in applied.schemas for one in _elements(schema)]
            kinds = [self._type(self._of(one, applied), depth + 1) for one in inner]
            return f"array of {' or '.join(dict.fromkeys(kinds)) or 'anything'}"
        if kind == "object":
            return applied.name or "object"
        format_ = next((one["format"] for one in applied.schemas if "format" in one), None)
        return f"{kind} ({format_})" if kind == "string" and format_ else kind


def _elements(schema: Mapping[str, Any]) -> list[Any]:
    """The schemas of an array's elements."""
    found: list[Any] = []
    for keyword in ("prefixItems", "items", "additionalItems"):
        value = schema.get(keyword)
        found.extend(value if isinstance(value, list) else [value])
    return [one for one in found if isinstance(one, dict) and one]


def _members(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _names(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
