"""Contracts as schemas of an AsyncAPI document.

The document's own schema language is all that tools must know. What has the same meaning there is
translated; what has not, such as ``unevaluatedProperties``, stays as it is, as a schema of another
format. https://www.asyncapi.com/docs/reference/specification/v3.0.0#multiFormatSchemaObject
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import REFERENCES, map_subschemas
from eventroute.dialects.modern import LATEST
from eventroute.documents.asyncapi3.places import Places, fragment_of
from eventroute.documents.asyncapi3.translation import Translation, UntranslatableError
from eventroute.errors import ContractError
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Embedded", "embed"]

_DRAFTS: Final = {
    "draft-04": 4,
    "draft-06": 6,
    "draft-07": 7,
    "draft/2019-09": 2019,
    "draft/2020-12": 2020,
}
_NAMES: Final = frozenset(
    {"$anchor", "$dynamicAnchor", "$id", "$recursiveAnchor", "$schema", "$vocabulary", "id"}
)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A contract in a document.

    :ivar component: what stands under its name in ``components.schemas``.
    :ivar place: the reference that leads to the schema itself.
    :ivar format: its ``schemaFormat``; ``None`` where it is that of the document.
    """

    component: Mapping[str, object]
    place: str
    format: str | None


def embed(schema: Mapping[str, object], place: str) -> Embedded:
    """Put a contract into a document. References in it lead to the same places as before.

    :param place: the reference to the component, such as ``"#/components/schemas/Order.v1"``.
    :raises ContractError: a reference leads nowhere, or the schema is nested too deeply.
    """
    uri = str(schema.get("$schema", LATEST))
    name = next((name for name in _DRAFTS if name in uri), None)
    try:
        places = Places(schema)
        if name is not None:
            try:
                return Embedded(Translation(places, _DRAFTS[name], place).of(schema), place, None)
            except UntranslatableError:
                pass
        version = uri if name is None else name.replace("draft/", "draft-")
        format_ = f"application/schema+json;version={version}"
        inside = f"{place}/schema"
        moved = _moved(dict(schema), "", places, inside)
        return Embedded({"schemaFormat": format_, "schema": moved}, inside, format_)
    except RecursionError:
        raise ContractError(f"the schema for {place} is nested too deeply to be written") from None


def _moved(node: Any, place: str, places: Places, home: str) -> Any:  # noqa: ANN401  any schema
    """The schema with references that start at the root of the document."""
    if not isinstance(node, dict):
        return node
    copy = map_subschemas(node, lambda one, way: _moved(one, place + pointer(*way), places, home))
    moved: dict[str, Any] = {}
    for keyword, value in copy.items():
        if keyword in REFERENCES and isinstance(value, str):
            if "$ref" in moved:
                raise ContractError(f"at {place or 'its top'}: two references stand side by side")
            moved["$ref"] = home + fragment_of(places.target(place, keyword, value))
        elif keyword not in _NAMES:
            moved[keyword] = value
    return moved
