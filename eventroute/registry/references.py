"""A contract is self-contained: every ``$ref`` must lead to a place in the same schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jsonschema import SchemaError
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY, specification_with

from eventroute.dialects.keywords import REFERENCES
from eventroute.errors import ContractError
from eventroute.jsontext import pointer
from eventroute.registry.dialect import META_CHECKER, metaschema_validator
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from referencing import Resource, Specification

__all__ = ["refuse_open_references"]

_WITHOUT_BOOLEANS: Final = ("draft-03/", "draft-04/")
_OF_DRAFT_03: Final = ("extends", "disallow", "type")


def refuse_open_references(
    schema: Mapping[str, object],
    dialect: str,
    where: str,
    spend: Callable[[], object] = lambda: None,
) -> list[dict[str, Any]]:
    """Follow every reference once, without fetching anything.

    :param spend: is called for each schema that is come to, and may raise.
    :returns: every schema that a check may come to: inside this one, or where a reference leads.
    :raises ContractError: a reference leads nowhere, out of the schema, or to what is no schema.
    """
    try:
        return _followed(schema, dialect, where, spend)
    except ContractError:
        raise
    except (AttributeError, TypeError, ValueError) as error:
        # What metaschemas let pass, and the library that follows references does not expect.
        raise ContractError(
            f"{where} has an identifier or a keyword by which its references cannot be followed "
            f"({str(error)[:100]}); correct it, or refer to a place by its path, as in "
            '"#/$defs/NAME"'
        ) from None


def _followed(
    schema: Mapping[str, object], dialect: str, where: str, spend: Callable[[], object]
) -> list[dict[str, Any]]:
    specification = specification_with(dialect)
    root: Resource[Any] = specification.create_resource(schema)
    uri = root.id() or ""
    resolver = EMPTY_REGISTRY.with_resource(uri, root).resolver(uri)
    resolver.in_subresource(root)  # which a bad identifier does not survive
    found: list[dict[str, Any]] = []
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
        spend()
        seen.add(id(resource.contents))
        if not is_object(resource.contents):
            continue
        found.append(resource.contents)
        for keyword in REFERENCES:
            reference = resource.contents.get(keyword)
            if not isinstance(reference, str):
                if keyword == "$ref" and keyword in resource.contents:
                    raise ContractError(f"{where}: the $ref {reference!r} is no text; correct it")
                continue
            try:
                target = resolver.lookup(reference)
            except (Unresolvable, ValueError):
                raise ContractError(_open(where, keyword, reference)) from None
            targets.append((reference, target))
        pending.extend(
            (resolver.in_subresource(inner), inner) for inner in _inside(resource, specification)
        )
    return found


def _inside(resource: Resource[Any], specification: Specification[Any]) -> Iterator[Resource[Any]]:
    """The schemas in a schema, those included that referencing does not look for."""
    contents = resource.contents
    # In "dependencies" of old drafts, it takes lists of names for schemas.
    yield from (inner for inner in resource.subresources() if is_object(inner.contents))
    missed: list[object] = []
    if specification.name in _WITH_DEPENDENCIES and is_object(contents.get("dependencies")):
        missed.extend(contents["dependencies"].values())
    if specification.name == "draft-03":
        for keyword in _OF_DRAFT_03:
            inner = contents.get(keyword)
            missed.extend(inner if is_array(inner) else [inner])
    yield from (specification.create_resource(inner) for inner in missed if is_object(inner))


_WITH_DEPENDENCIES: Final = frozenset({"draft-03", "draft-04", "draft-06", "draft-07"})


def _refuse_no_schema(contents: object, dialect: str, what: str) -> None:
    fault: str | None = None
    if isinstance(contents, bool):
        if any(draft in dialect for draft in _WITHOUT_BOOLEANS):
            fault = "it has no booleans for schemas"
    elif not is_object(contents):
        fault = f"{str(contents)[:100]!r} is no object"
    else:
        try:
            metaschema_validator(dialect).check_schema(contents, format_checker=META_CHECKER)
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
