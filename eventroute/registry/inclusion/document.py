"""A schema with the draft that it is read in, its references followed within it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from referencing.jsonschema import EMPTY_REGISTRY, specification_with

from eventroute.errors import ContractError
from eventroute.jsontext import objects_in
from eventroute.registry.dialect import Dialect, dialect_of
from eventroute.registry.inclusion.plain_copy import plain_copy
from eventroute.registry.inclusion.validity import refuse_invalid
from eventroute.registry.references import refuse_open_references

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.plain_copy import PlainCopy

__all__ = ["Document", "Draft", "readings"]

Draft = int
"""3, 4, 6, 7, 2019 or 2020: drafts in their order."""

_URIS: Final[dict[Draft, str]] = {
    2020: "https://json-schema.org/draft/2020-12/schema",
    2019: "https://json-schema.org/draft/2019-09/schema",
    7: "http://json-schema.org/draft-07/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    4: "http://json-schema.org/draft-04/schema#",
    3: "http://json-schema.org/draft-03/schema#",
}
_DRAFTS: Final = {uri.rstrip("#"): draft for draft, uri in _URIS.items()}
_UNNAMED: Final = (2020, 7, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One schema as it is read.

    :ivar schema: names its draft in ``$schema``.
    :ivar mixed: whether parts of it name another draft.
    :ivar moved: pointers to parts that stand elsewhere in the schema as it was given, and where.
    """

    schema: dict[str, Any]
    draft: Draft
    dialect: Dialect
    mixed: bool
    moved: Mapping[str, str] = field(default_factory=dict[str, str])

    def resolver(self) -> Any:  # noqa: ANN401  the generics of referencing lead nowhere here
        """Look up references, from the root on."""
        specification = specification_with(self.dialect.uri)
        root = specification.create_resource(self.schema)
        uri = root.id() or ""
        return EMPTY_REGISTRY.with_resource(uri, root).resolver(uri)


_Read = dict[tuple[int, Draft], Document]
"""What was read of a copy, by its identity, in a draft."""


def readings(
    schemas: Sequence[Mapping[str, object] | bool], where: Sequence[str], budget: Budget
) -> list[list[Document]]:
    """Read schemas that are to be compared, one list of documents for each way to read them.

    There is one way where every schema names its draft. Those that do not are read together: in
    draft-07 or draft-04 where a keyword of theirs has a form that later drafts do not know (a list
    under ``items``, a boolean ``exclusiveMinimum``), else in 2020-12, and also in draft-07 where
    they use what that draft reads otherwise: ``dependencies``, or ``definitions`` with keywords
    beside a ``$ref``. What is said of them must hold either way.

    :raises ContractError: not a schema, a dialect that is not known, or a ``$ref`` that leads out.
    :raises OutOfBudgetError: there is more to read than the budget allows for.
    """
    copies = [_copied(schema, name) for schema, name in zip(schemas, where, strict=True)]
    unnamed = [copy for copy in copies if _named(copy) is None]
    read: _Read = {}
    drafts: tuple[Draft, ...] = ()
    if unnamed:
        drafts = _drafts_of(unnamed, read, budget)
    return [
        [
            read.get((id(copy), draft)) or _document(copy, draft, name, budget)
            for copy, name in zip(copies, where, strict=True)
        ]
        for draft in drafts or (2020,)
    ]


def _copied(schema: Mapping[str, object] | bool, where: str) -> PlainCopy:
    if isinstance(schema, bool):
        return plain_copy({} if schema else {"not": {}}, where)
    return plain_copy(schema, where)


def _named(copy: PlainCopy) -> str | None:
    named = copy.schema.get("$schema")
    if named is None and len(copy.dialects) == 1:
        return next(iter(copy.dialects))
    return named


def _drafts_of(unnamed: Sequence[PlainCopy], read: _Read, budget: Budget) -> tuple[Draft, ...]:
    """The drafts in which all of them can be read, which is done by the way."""
    fits = [
        draft for draft in _UNNAMED if all(_fits(copy, draft, read, budget) for copy in unnamed)
    ]
    draft = fits[0] if fits else 2020
    if draft == 2020 and 7 in fits and any(_ambiguous(copy) for copy in unnamed):
        return (2020, 7)
    return (draft,)


def _fits(copy: PlainCopy, draft: Draft, read: _Read, budget: Budget) -> bool:
    try:
        read[id(copy), draft] = _document(copy, draft, "the schema", budget)
    except ContractError:
        return False
    return True


def _ambiguous(copy: PlainCopy) -> bool:
    if "dependencies" in copy.keywords:
        return True
    return "definitions" in copy.keywords and _has_sibling_of_ref(copy.schema)


def _has_sibling_of_ref(schema: object) -> bool:
    annotations = {"$ref", "title", "description", "default", "examples", "$comment", "$schema"}
    known = annotations | {"definitions", "$id"}
    return any("$ref" in part and not part.keys() <= known for part in objects_in(schema))


def _document(copy: PlainCopy, draft: Draft, where: str, budget: Budget) -> Document:
    """Read a schema in its own draft, or, where it names none, in the given one."""
    uri = _named(copy) or _URIS[draft]
    schema = {**copy.schema, "$schema": uri}
    dialect = dialect_of(schema, where)
    found = _DRAFTS.get(dialect.uri.rstrip("#"))
    if found is None:
        raise ContractError(f"{where} names the dialect {dialect.uri!r}, which is not known")
    refuse_invalid(schema, dialect.uri, where, budget)
    refuse_open_references(schema, dialect.uri, where, budget.spend)
    mixed = any(nested.rstrip("#") != uri.rstrip("#") for nested in copy.dialects)
    return Document(schema, found, dialect, mixed)
