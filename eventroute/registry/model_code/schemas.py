"""A contract as the code generator is to see it."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from eventroute.dialects.keywords import LISTS, MAPS, REFERENCES, SINGLES
from eventroute.errors import ContractError
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.model_code.decimals import with_decimals

__all__ = ["FORMAT", "prepared"]

FORMAT: Final = "x-format"
"""Where a format goes that changes no type: into the field's own description."""
_TYPED: Final = frozenset({"date", "date-time", "ipv4", "ipv6", "uuid"})

_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})
_PLAIN: Final = frozenset(
    {
        *("$anchor", "$comment", "$dynamicAnchor", "$id", "$recursiveAnchor", "$schema", "id"),
        *("contentEncoding", "contentMediaType", "dependentRequired", "deprecated", "description"),
        *("exclusiveMaximum", "exclusiveMinimum", "maxContains", "maxItems", "maxLength"),
        *("maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties"),
        *("minimum", "multipleOf", "pattern", "readOnly", "required", "title", "type"),
        *("uniqueItems", "writeOnly"),
    }
)


def prepared(schema: object, name: str | None = None) -> object:
    """Keep of every schema what JSON Schema knows, and the formats that read and write unchanged.

    The generator has keywords of its own, which choose what its code imports and inherits from. A
    contract is data, often a stranger's, and has no say in that.

    Pydantic's types for other formats refuse or change texts that a contract accepts: its URL gets
    a slash, and its secret becomes asterisks. Titles that pydantic gives by itself are left out.

    :param name: of the member that the schema is of, where it is of one.
    :raises ContractError: a reference leads to what is no schema.
    """
    if not is_object(schema):
        return schema
    found: dict[str, object] = {}
    for keyword, value in schema.items():
        if keyword == "format" and isinstance(value, str):
            found["format" if value in _TYPED and _has_texts(schema) else FORMAT] = value
        elif keyword in MAPS and is_object(value):
            members = keyword == "properties"
            found[keyword] = {
                one: _part(part, one if members else None) for one, part in value.items()
            }
        elif keyword in LISTS and is_array(value):
            parts = [prepared(one) for one in value]
            found[keyword] = with_decimals(schema, parts) if keyword == "anyOf" else parts
        elif keyword in SINGLES:
            found[keyword] = prepared(value)
        elif keyword == "discriminator" and is_object(value):
            found[keyword] = _discriminator(value)
        elif keyword in REFERENCES:
            found[keyword] = _reference(value)
        elif keyword == "title":
            if name is None or value != _own_title(name):
                found[keyword] = value
        elif keyword in _DATA or keyword in _PLAIN:
            found[keyword] = value
    return found


def _part(value: object, name: str | None) -> object:
    """A schema, or in ``dependencies`` a list of names."""
    return value if is_array(value) else prepared(value, name)


def _discriminator(value: dict[str, object]) -> dict[str, object]:
    """What pydantic writes for unions of models, and others take from OpenAPI."""
    mapping = value.get("mapping")
    found = {key: one for key, one in value.items() if key == "propertyName"}
    if is_object(mapping):
        found["mapping"] = {key: _reference(one) for key, one in mapping.items()}
    return found


def _reference(value: object) -> object:
    """Refuse one that makes a schema of data, in which all keywords are kept."""
    way = unquote(value).partition("#")[2] if isinstance(value, str) else ""
    if way.startswith("/") and not _leads_to_schema(way.split("/")[1:]):
        raise ContractError(
            f"the reference {value!r} leads to what is no schema; put the schema under $defs"
        )
    return value


def _leads_to_schema(steps: list[str]) -> bool:
    place = 0
    while place < len(steps):
        keyword, following = steps[place], steps[place + 1 : place + 2]
        named = keyword in MAPS and bool(following)
        counted = keyword in LISTS and bool(following) and following[0].isdecimal()
        if not (named or counted or keyword in SINGLES):
            return False
        place += 2 if named or counted else 1
    return True


def _has_texts(schema: dict[str, object]) -> bool:
    types = schema.get("type", "string")
    return types == "string" or (is_array(types) and "string" in types)


def _own_title(name: str) -> str:
    return name.title().replace("_", " ").strip()
