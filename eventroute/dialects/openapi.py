"""From a document of OpenAPI 3, or of whole events, to one plain JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import map_subschemas, subschemas
from eventroute.dialects.modern import LATEST, exclusive_as_numbers
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["component_schema", "is_openapi"]

_COMPONENTS: Final = "#/components/schemas/"
_NOT_JSON_SCHEMA: Final = ("discriminator", "example", "externalDocs", "nullable", "xml")


def is_openapi(document: Mapping[str, object]) -> bool:
    """Whether a JSON document says that it is one of OpenAPI 3."""
    return str(document.get("openapi", "")).startswith("3.")


def component_schema(
    document: Mapping[str, object], schema: Mapping[str, object], where: str
) -> dict[str, Any]:
    """Translate a schema of an OpenAPI document, 3.0 or later, to JSON Schema 2020-12.

    What it refers to among the components comes along, in ``$defs``.

    :param schema: a part of the document; where it is a reference, what that leads to.
    :param where: the document, for messages.
    :raises ContractError: a reference leads elsewhere than to a component, or nesting is too deep.
    """
    is_30 = str(document.get("openapi")).startswith("3.0")
    components = _components(document)
    whole = _followed(schema, components, where)
    try:
        result = _translated(whole, where, is_30=is_30)
        names = _reached(whole, components, where)
        defined = {name: _translated(components[name], where, is_30=is_30) for name in names}
    except RecursionError:
        raise ContractError(f"{where} is nested too deeply to be translated") from None
    return {"$schema": LATEST, **result} | ({"$defs": defined} if defined else {})


def _components(document: Mapping[str, object]) -> Mapping[str, object]:
    holder = document.get("components")
    found = holder.get("schemas") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _followed(
    schema: Mapping[str, object], components: Mapping[str, object], where: str
) -> Mapping[str, object]:
    seen: set[str] = set()
    while set(schema) == {"$ref"}:
        reference = str(schema["$ref"])
        name = _component_of(reference, components, where)
        found = components[name]
        if reference != _COMPONENTS + _escaped(name) or not isinstance(found, dict):
            return schema
        if name in seen:
            raise ContractError(f"{where}: the $ref {reference!r} leads back to itself; correct it")
        seen.add(name)
        schema = found
    return schema


def _reached(
    schema: Mapping[str, object], components: Mapping[str, object], where: str
) -> list[str]:
    found: dict[str, None] = {}
    pending: list[object] = [schema]
    while pending:
        one = pending.pop()
        if not isinstance(one, dict):
            continue
        reference = one.get("$ref")
        if isinstance(reference, str):
            name = _component_of(reference, components, where)
            if name not in found:
                found[name] = None
                pending.append(components[name])
        pending.extend(inner for _, inner in subschemas(one))
    return sorted(found)


def _component_of(reference: str, components: Mapping[str, object], where: str) -> str:
    name = reference.removeprefix(_COMPONENTS).partition("/")[0]
    name = name.replace("~1", "/").replace("~0", "~")
    if not reference.startswith(_COMPONENTS) or name not in components:
        raise ContractError(
            f"{where}: the $ref {reference[:200]!r} leads to no component of the document, and "
            f'nothing is fetched; refer to "{_COMPONENTS}NAME"'
        )
    return name


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _translated(schema: object, where: str, *, is_30: bool) -> Any:  # noqa: ANN401  a schema
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    moved = (
        {"$ref": f"#/$defs/{reference.removeprefix(_COMPONENTS)}"}
        if isinstance(reference, str)
        else {}
    )
    if moved and is_30:
        return moved  # whatever stands beside it is ignored
    copy = map_subschemas(schema, lambda one, _: _translated(one, where, is_30=is_30)) | moved
    if not is_30:
        return copy
    exclusive_as_numbers(copy)
    # https://spec.openapis.org/oas/v3.0.3#schema-object: null only together with a type.
    if copy.get("nullable") is True and isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
    if "example" in copy:
        copy["examples"] = [copy["example"]]
    return {key: value for key, value in copy.items() if key not in _NOT_JSON_SCHEMA}
