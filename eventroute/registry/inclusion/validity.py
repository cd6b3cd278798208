"""Whether a schema is one: checked part by part, so that a large one can be left unfinished."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema import SchemaError

from eventroute.dialects.keywords import LISTS, MAPS, SINGLES
from eventroute.errors import ContractError
from eventroute.jsontext import pointer
from eventroute.registry.dialect import META_CHECKER, metaschema_validator
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Set

    from eventroute.registry.inclusion.budget import Budget

__all__ = ["refuse_invalid"]

_MOST_SHOWN: Final = 100
_SINGLES: Final = SINGLES - {"contentSchema"}
"""An annotation to validators: metaschemas that know it look into it by themselves."""
_PARTS: Final = MAPS | _SINGLES | LISTS
_SCHEMAS_EVERYWHERE: Final = frozenset({"$defs", "definitions", "dependencies", "then", "else"})
"""No validator checks them by themselves, but metaschemas ask for schemas there."""
_NOTES: Final = frozenset({"title", "description", "$comment"})
_VALUES: Final = frozenset({"const", "default"})
_Path = tuple[str | int, ...]


def refuse_invalid(schema: dict[str, Any], uri: str, where: str, budget: Budget) -> None:
    """Check every part without what is in it; parts that look alike are checked once.

    :raises ContractError: naming the place.
    :raises OutOfBudgetError: there is more of it than the budget allows for.
    """
    known = _SCHEMAS_EVERYWHERE | metaschema_validator(uri).VALIDATORS.keys()
    pending: list[tuple[object, _Path]] = [(schema, ())]
    while pending:
        node, path = pending.pop()
        budget.spend()
        part = _without_parts(node, path, pending, known) if is_object(node) else node
        fault = _fault(json.dumps(part, sort_keys=True), uri)
        if fault is not None:
            place, message = fault
            raise ContractError(
                f"{where} is not a valid JSON Schema, at "
                f"{pointer(*path) + place or 'its top'}: {message}"
            )


@lru_cache(maxsize=2048)
def _fault(text: str, uri: str) -> tuple[str, str] | None:
    """The place of what is wrong with a part, and the message."""
    try:
        metaschema_validator(uri).check_schema(json.loads(text), format_checker=META_CHECKER)
    except SchemaError as error:
        return pointer(*error.absolute_path), error.message[:200]
    except RecursionError:
        return "", "it is nested too deeply"
    return None


def _without_parts(
    node: dict[str, Any], path: _Path, pending: list[tuple[object, _Path]], known: Set[str]
) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in node.items():
        if name in _PARTS and name not in known:
            continue  # a keyword of another draft
        if name in MAPS and is_object(value):
            inner = {key: _emptied(part) for key, part in value.items()}
            # The names matter where they are regular expressions.
            shown[name] = inner if name == "patternProperties" else _samples(inner)
            pending.extend(
                (part, (*path, name, key)) for key, part in value.items() if is_object(part)
            )
        elif name in LISTS and is_array(value):
            shown[name] = [_emptied(part) for part in value[:1]]
            pending.extend((part, (*path, name, index)) for index, part in enumerate(value))
        elif name in _SINGLES and is_object(value):
            shown[name] = {}
            pending.append((value, (*path, name)))
        elif name in _VALUES or (name in _NOTES and isinstance(value, str)):
            continue
        elif is_array(value):
            shown[name] = value[:_MOST_SHOWN]
        elif name == "$ref" and isinstance(value, str):
            shown[name] = "#"
        else:
            shown[name] = _like(value)
    return shown


def _like(value: object) -> object:
    """Another number that is right or wrong for the same reasons, or the value itself."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value == 0:
        return value
    size = 1 if isinstance(value, int) else 1.0 if value.is_integer() else 1.5
    return size if value > 0 else -size


def _emptied(part: object) -> object:
    return {} if is_object(part) else part


def _samples(inner: dict[str, object]) -> dict[str, object]:
    """One member for each thing that the members are."""
    kinds = {json.dumps(part, sort_keys=True): name for name, part in inner.items()}
    wrong = {name: inner[name] for name in kinds.values() if not is_object(inner[name])}
    return wrong or ({"a": {}} if kinds else {})
