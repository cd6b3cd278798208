"""Any draft from 04 on, in the words of 2020-12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import map_subschemas
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LATEST", "exclusive_as_numbers", "modern"]

LATEST: Final = "https://json-schema.org/draft/2020-12/schema"

_UNKNOWN_SIBLINGS: Final = ("draft-04", "draft-06", "draft-07")
"""Drafts in which nothing counts that stands beside a ``$ref``."""


def modern(schema: Mapping[str, object]) -> dict[str, Any]:
    """Say the same in 2020-12, without ``$schema``. Pointers of references stay true.

    Up to draft-07, ``format`` is an assertion; here it is an annotation.

    :raises ContractError: nested too deeply.
    """
    dialect = str(schema.get("$schema", LATEST))
    try:
        result: dict[str, Any] = _modern({**schema}, dialect)
    except RecursionError:
        raise ContractError("the schema is nested too deeply to be translated") from None
    result.pop("$schema", None)
    return result


def exclusive_as_numbers(schema: dict[str, Any]) -> None:
    """Replace draft-04's boolean ``exclusiveMinimum`` and ``exclusiveMaximum``."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _modern(schema: object, dialect: str) -> Any:  # noqa: ANN401  a schema
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and any(draft in dialect for draft in _UNKNOWN_SIBLINGS):
        kept = ("$ref", "$defs", "definitions")
        schema = {keyword: schema[keyword] for keyword in kept if keyword in schema}
    copy = map_subschemas(schema, lambda one, _: _modern(one, dialect))
    if "draft-04" in dialect:
        exclusive_as_numbers(copy)
        if isinstance(copy.get("id"), str):
            copy["$id"] = copy.pop("id")
    if isinstance(copy.get("items"), list):
        copy["prefixItems"] = copy.pop("items")
        if "additionalItems" in copy:
            copy["items"] = copy.pop("additionalItems")
    elif "2020-12" not in dialect:
        copy.pop("additionalItems", None)
        copy.pop("prefixItems", None)
    dependencies = copy.get("dependencies")
    if isinstance(dependencies, dict) and "draft/20" not in dialect:
        del copy["dependencies"]
        for name, one in dependencies.items():
            keyword = "dependentRequired" if isinstance(one, list) else "dependentSchemas"
            copy.setdefault(keyword, {})[name] = one
    return copy
