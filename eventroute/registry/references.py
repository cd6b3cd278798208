"""A contract is self-contained: every ``$ref`` must lead to a place in the same schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jsonschema import SchemaError
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY, specification_with

from eventroute.errors import ContractError
from eventroute.jsontext import pointer
from eventroute.registry.dialect import META_CHECKER, dialect_of
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from referencing import Resource

__all__ = ["refuse_open_references"]

_WITHOUT_BOOLEANS: Final = ("draft-03/", "draft-04/")


def refuse_open_references(schema: Mapping[str, object], dialect: str, where: str) -> None:
    """Follow every reference once, without fetching anything.

    :raises ContractError: a reference leads nowhere, out of the schema, or to what is no schema.
    """
    specification = specification_with(dialect)
    root: Resource[Any] = specification.create_resource(schema)
    uri = root.id() or ""
    resolver = EMPTY_REGISTRY.with_resource(uri, root).resolver(uri)
    seen: set[int] = set()
    pending = [(resolver, root)]
    targets: list[tuple[str, Any]] = []
    while pending or targets:
        if pending:
            resolver, resource = pending.pop()
            if id(resource.contents) in seen:
                continue
        else:
            name, target = targets.pop()
            if id(target.contents) in seen:
                continue
            # It stands where no schema is looked for, so that nothing has checked it.
            _refuse_no_schema(target.contents, dialect, f"{where}: the reference {name!r}")
            resolver = target.resolver
            resource = specification.create_resource(target.contents)
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
                targets.append((reference, target))
        pending.extend(
            (resolver.in_subresource(inner), inner)
            for inner in resource.subresources()
            # In "dependencies" of old drafts, referencing takes lists of names for schemas.
            if is_object(inner.contents)
        )


def _refuse_no_schema(contents: object, dialect: str, what: str) -> None:
    fault: str | None = None
    if isinstance(contents, bool):
        if any(draft in dialect for draft in _WITHOUT_BOOLEANS):
            fault = "it has no booleans for schemas"
    elif not is_object(contents):
        fault = f"{str(contents)[:100]!r} is no object"
    else:
        validator = dialect_of({"$schema": dialect}, what).validator
        try:
            validator.check_schema(contents, format_checker=META_CHECKER)
        except SchemaError as error:
            fault = f"at {pointer(*error.absolute_path) or 'its top'}: {error.message[:200]}"
        except RecursionError:
            fault = "it is nested too deeply"
    if fault is not None:
        raise ContractError(f"{what} leads to what is no schema of {dialect}: {fault}; correct it")


def _open(where: str, keyword: str, reference: str) -> str:
    if reference.startswith("#"):
        return f"{where}: the {keyword} {reference!r} leads nowhere; correct it"
    return (
        f"{where}: the {keyword} {reference[:200]!r} leads out of the schema, and nothing is "
        'fetched; copy what it means into "$defs" and refer to it as "#/$defs/NAME", or remove the '
        '$id and refer to another contract of the registry as "/TOPIC/TYPE/VERSION"'
    )
