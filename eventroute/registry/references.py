"""A contract is self-contained: every ``$ref`` must lead to a place in the same schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY, specification_with

from eventroute.errors import ContractError
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from referencing import Resource

__all__ = ["refuse_open_references"]


def refuse_open_references(schema: Mapping[str, object], dialect: str, where: str) -> None:
    """Follow every reference once, without fetching anything.

    :raises ContractError: a reference leads nowhere, or out of the schema.
    """
    specification = specification_with(dialect)
    root: Resource[Any] = specification.create_resource(schema)
    uri = root.id() or ""
    resolver = EMPTY_REGISTRY.with_resource(uri, root).resolver(uri)
    seen: set[int] = set()
    pending = [(resolver, root)]
    while pending:
        resolver, resource = pending.pop()
        if id(resource.contents) in seen:
            continue
        seen.add(id(resource.contents))
        if is_object(resource.contents):
            for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
                reference = resource.contents.get(keyword)
                if not isinstance(reference, str):
                    continue
                try:
                    target = resolver.lookup(reference)
                except (Unresolvable, ValueError):
                    raise ContractError(_open(where, keyword, reference)) from None
                found = specification.create_resource(target.contents)
                pending.append((target.resolver, found))
        pending.extend(
            (resolver.in_subresource(inner), inner)
            for inner in resource.subresources()
            # In "dependencies" of old drafts, referencing takes lists of names for schemas.
            if is_object(inner.contents)
        )


def _open(where: str, keyword: str, reference: str) -> str:
    if reference.startswith("#"):
        return f"{where}: the {keyword} {reference!r} leads nowhere; correct it"
    return (
        f"{where}: the {keyword} {reference[:200]!r} leads out of the schema, and nothing is "
        'fetched; copy what it means into "$defs" and refer to it as "#/$defs/NAME", or remove the '
        '$id and refer to another contract of the registry as "/TOPIC/TYPE/VERSION"'
    )
