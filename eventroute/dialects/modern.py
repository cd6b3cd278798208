"""Any draft from 04 on, in the words of 2020-12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import map_subschemas
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LATEST", "exclusive_as_numbers", "modern", "references_stand_alone"]

LATEST: Final = "https://json-schema.org/draft/2020-12/schema"
"""What is meant where a schema names no draft."""

_WITHOUT_SIBLINGS: Final = ("draft-04", "draft-06", "draft-07")
_ADDED: Final = {
    "draft-06": ("$id", "const", "contains", "propertyNames"),
    "draft-07": ("if", "then", "else"),
    "draft/2019-09": (
        *("$anchor", "$recursiveAnchor", "$recursiveRef", "dependentRequired", "dependentSchemas"),
        *("maxContains", "minContains", "unevaluatedItems", "unevaluatedProperties"),
    ),
    "draft/2020-12": ("$dynamicAnchor", "$dynamicRef", "prefixItems"),
}
"""The keywords that each draft gave a meaning to, but for mere annotations."""


def modern(schema: Mapping[str, object]) -> dict[str, Any]:
    """Say the same in 2020-12, without ``$schema``, and without what the draft does not know.

    An ``integer`` of draft-04 stays one, though later drafts take 1.0 for an integer too. Up to
    draft-07, ``format`` is an assertion; here it is an annotation.

    :raises ContractError: nested too deeply.
    """
    dialect = str(schema.get("$schema", LATEST))
    try:
        result: dict[str, Any] = _modern({**schema}, dialect, _unknown(dialect))
    except RecursionError:
        raise ContractError("the schema is nested too deeply to be translated") from None
    result.pop("$schema", None)
    return result


def references_stand_alone(dialect: str) -> bool:
    """Whether nothing counts that stands beside a ``$ref``, as up to draft-07."""
    return any(draft in dialect for draft in _WITHOUT_SIBLINGS)


def exclusive_as_numbers(schema: dict[str, Any]) -> None:
    """Replace draft-04's boolean ``exclusiveMinimum`` and ``exclusiveMaximum``."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _unknown(dialect: str) -> frozenset[str]:
    """The keywords that came after a draft, and mean nothing in it."""
    drafts = ["draft-04", *_ADDED]
    at = next((place for place, draft in enumerate(drafts) if draft in dialect), len(drafts))
    return frozenset(keyword for draft in drafts[at + 1 :] for keyword in _ADDED[draft])


def _modern(
    schema: object,
    dialect: str,
    unknown: frozenset[str],
) -> Any:  # noqa: ANN401  a schema
    if not isinstance(schema, dict):
        return schema
    schema = {keyword: one for keyword, one in schema.items() if keyword not in unknown}
    if "$ref" in schema and references_stand_alone(dialect):
        kept = ("$ref", "$defs", "definitions")
        schema = {keyword: schema[keyword] for keyword in kept if keyword in schema}
    copy = map_subschemas(schema, lambda one, _: _modern(one, dialect, unknown))
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
    dependencies = copy.get("dependencies")
    if isinstance(dependencies, dict) and "draft/20" not in dialect:
        del copy["dependencies"]
        for name, one in dependencies.items():
            keyword = "dependentRequired" if isinstance(one, list) else "dependentSchemas"
            copy.setdefault(keyword, {})[name] = one
    return copy
