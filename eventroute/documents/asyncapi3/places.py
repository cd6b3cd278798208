"""Where a schema's references lead, as JSON pointers from its root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urldefrag, urljoin

from eventroute.dialects.keywords import subschemas
from eventroute.dialects.modern import references_stand_alone
from eventroute.errors import ContractError
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Places", "children", "fragment_of"]

_DEEPEST: Final = 200


class Places:
    """The places in a schema that have a name of their own: an ``$id`` or an anchor.

    :param schema: of any draft; nothing outside it is looked at.
    """

    def __init__(self, schema: Mapping[str, object]) -> None:
        self._resources: dict[str, str] = {"": ""}
        self._anchors: dict[tuple[str, str], str] = {}
        self._dynamic: dict[str, list[str]] = {}
        self._bases: dict[str, str] = {}
        self._read(dict(schema))

    def _read(self, schema: dict[str, Any]) -> None:
        dialect = str(schema.get("$schema"))
        old = references_stand_alone(dialect)
        keyword = "id" if "draft-04" in dialect else "$id"
        pending: list[tuple[str, Any, str, int]] = [("", schema, "", 0)]
        while pending:
            place, node, base, depth = pending.pop()
            if depth > _DEEPEST:
                raise ContractError(f"the schema nests more than {_DEEPEST} levels deep")
            if not isinstance(node, dict):
                continue
            name = node.get(keyword)
            if isinstance(name, str) and not (old and "$ref" in node):
                uri, fragment = urldefrag(urljoin(base, name))
                if fragment:  # up to draft-07, "#name" is an anchor
                    self._anchors[base, fragment] = place
                else:
                    base = uri
                    self._resources.setdefault(base, place)
            self._bases[place] = base
            for anchor in ("$anchor", "$dynamicAnchor"):
                name = node.get(anchor)
                if isinstance(name, str):
                    self._anchors[base, name] = place
            if isinstance(node.get("$dynamicAnchor"), str):
                self._dynamic.setdefault(node["$dynamicAnchor"], []).append(place)
            if node.get("$recursiveAnchor") is True:
                self._dynamic.setdefault("", []).append(place)
            pending.extend((place + step, inner, base, depth + 1) for step, inner in children(node))

    def target(self, place: str, keyword: str, reference: str) -> str:
        """The pointer to which a reference leads.

        :param place: the pointer of the schema that has it.
        :raises ContractError: it leads out of the schema, or to no one place.
        """
        if keyword != "$ref":
            found = self._dynamic.get(urldefrag(reference)[1])
            if found:
                return _outermost(found, reference)
        base = self._bases.get(place, "")
        # Joining would lose a base whose scheme is not known, such as that of a URN.
        uri, fragment = (
            (base, reference[1:])
            if reference.startswith("#")
            else urldefrag(urljoin(base, reference))
        )
        resource = self._resources.get(uri)
        if resource is None:
            raise ContractError(f"at {place or 'its top'}: {reference!r} leads out of the schema")
        if not fragment or fragment.startswith("/"):
            return resource + unquote(fragment)
        anchor = self._anchors.get((uri, unquote(fragment)))
        if anchor is None:
            raise ContractError(f"at {place or 'its top'}: {reference!r} leads nowhere")
        return anchor


def _outermost(found: list[str], reference: str) -> str:
    """Dynamic scope begins at the root: its anchor wins, or the only one that there is."""
    if "" in found:
        return ""
    if len(found) > 1:
        raise ContractError(f"{reference!r} leads to a place that depends on the event")
    return found[0]


def children(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each direct subschema, with the pointer that leads to it."""
    return ((pointer(*way), one) for way, one in subschemas(node))


def fragment_of(place: str) -> str:
    """A JSON pointer as it is written in a URI."""
    return quote(place, safe="/~!$&'()*+,;=:@-._")
