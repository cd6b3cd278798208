"""A copy of a schema that is safe to work with: plain JSON, neither too deep nor too large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eventroute.errors import ContractError
from eventroute.jsontext import MAX_DEPTH

__all__ = ["PlainCopy", "plain_copy"]

_MOST_PARTS: Final = 300_000
_VALUES: Final = frozenset({"const", "default", "enum", "example", "examples"})


@dataclass(frozen=True, slots=True)
class PlainCopy:
    """The schema, of dicts and lists that nothing else holds.

    :ivar dialects: what parts of the schema name as their ``$schema``; it is left out of them.
    :ivar keywords: every name of a member that stands in the schema.
    """

    schema: dict[str, Any]
    dialects: frozenset[str]
    keywords: frozenset[str]


def plain_copy(schema: Mapping[str, object], where: str) -> PlainCopy:
    """Copy without recursion.

    :raises ContractError: nested too deeply, too large, or not JSON.
    """
    root: dict[str, Any] = {}
    dialects: set[str] = set()
    keywords: set[str] = set()
    pending: list[tuple[object, Any, int, bool]] = [(schema, root, 1, True)]
    parts = 0
    while pending:
        source, copy, depth, is_schema = pending.pop()
        if depth > MAX_DEPTH:
            raise ContractError(
                f"{where} is nested more than {MAX_DEPTH} levels deep; flatten it with $ref"
            )
        members = source.items() if isinstance(source, Mapping) else enumerate(_list(source))
        for name, value in members:
            parts += 1
            if parts > _MOST_PARTS:
                raise ContractError(f"{where} has more than {_MOST_PARTS:,} parts; make it smaller")
            if isinstance(source, Mapping):
                if not isinstance(name, str):
                    raise ContractError(f"{where} has the member name {name!r}; names are text")
                keywords.add(name)
                if name == "$schema" and depth > 1 and is_schema and isinstance(value, str):
                    dialects.add(value)
                    continue
            inner = is_schema and not (isinstance(name, str) and name in _VALUES)
            made = _made(value, where)
            if made is not value:
                pending.append((value, made, depth + 1, inner))
            if isinstance(copy, list):
                copy.append(made)
            else:
                copy[name] = made
    return PlainCopy(root, frozenset(dialects), frozenset(keywords))


def _list(source: object) -> Sequence[object]:
    return source if isinstance(source, Sequence) else ()


def _made(value: object, where: str) -> object:
    """An empty dict or list to fill, or the value itself where it has no parts."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if value.bit_length() > 1024:
            raise ContractError(f"{where} has an integer that does not fit a double")
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  NaN
            raise ContractError(f"{where} holds {value}, which is not JSON")
        return value
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, (list, tuple)):
        return []
    raise ContractError(f"{where} holds a {type(value).__name__}, which is not JSON")
