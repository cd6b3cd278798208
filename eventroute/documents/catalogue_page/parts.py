"""All the schemas that apply to one value, as people are told of it.

More than what surely applies, as :func:`eventroute.dialects.applying.applying` has it: definitions
have names here, a circle of them is one, and alternatives are kept, but for ``null``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import REFERENCES
from eventroute.documents.asyncapi3.places import Places, children
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Applied", "Parts"]

_MOST: Final = 64
"""Most schemas that are put together for one value."""
_KINDS: Final = (
    ("object", ("properties", "additionalProperties", "patternProperties", "required")),
    ("array", ("items", "prefixItems", "minItems", "maxItems")),
    ("string", ("pattern", "minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
)
_NAMES: Final = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
}


@dataclass(frozen=True, slots=True)
class Applied:
    """What applies to one value.

    :ivar schemas: each without its reference; all of them hold.
    :ivar options: schemas of which one holds; empty where there is no choice.
    :ivar name: what its definition is called; may be empty.
    :ivar nullable: whether ``null`` is an option beside the others.
    :ivar seen: the definitions on the way to it.
    :ivar in_circle: whether one of them is itself, which ends the way.
    """

    schemas: tuple[Mapping[str, Any], ...]
    options: tuple[Any, ...] = ()
    name: str = ""
    nullable: bool = False
    seen: frozenset[str] = frozenset()
    in_circle: bool = False

    @property
    def description(self) -> str:
        """The first that there is, the nearest first."""
        texts = (one.get("description") for one in self.schemas)
        return next((text for text in texts if isinstance(text, str)), "")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The JSON types of the value, as far as they are said."""
        for one in self.schemas:
            kinds = one.get("type")
            if isinstance(kinds, str | list) and kinds:
                return (kinds,) if isinstance(kinds, str) else tuple(map(str, kinds))
        for one in self.schemas:
            values = [one["const"]] if "const" in one else one.get("enum")
            if isinstance(values, list) and values:
                return tuple(dict.fromkeys(_NAMES.get(type(value), "null") for value in values))
        for kind, keywords in _KINDS:
            if any(keyword in one for one in self.schemas for keyword in keywords):
                return (kind,)
        return ()


class Parts:
    """Puts together what applies.

    :raises ContractError: a reference leads nowhere, or the schema is nested too deeply.
    """

    def __init__(self, schema: Mapping[str, object]) -> None:
        self._root: dict[str, Any] = dict(schema)
        places = Places(self._root)
        nodes: dict[str, Any] = {}
        references: list[tuple[dict[str, Any], str]] = []
        pending: list[tuple[str, Any]] = [("", self._root)]
        while pending:
            place, node = pending.pop()
            nodes[place] = node
            if not isinstance(node, dict):
                continue
            references += [
                (node, places.target(place, keyword, node[keyword]))
                for keyword in REFERENCES
                if isinstance(node.get(keyword), str)
            ]
            pending.extend((place + step, inner) for step, inner in children(node))
        self._targets: dict[int, tuple[str, Any]] = {}
        for node, target in references:
            if target not in nodes:
                raise ContractError(f"a reference leads to {target!r}, which is no schema")
            self._targets[id(node)] = (target, nodes[target])

    def of_root(self) -> Applied:
        """What applies to the whole value."""
        return replace(self.of(self._root, frozenset({""})), name="")

    def of(self, node: object, seen: frozenset[str]) -> Applied:
        """What applies to the value of a subschema.

        :param node: a subschema of the schema, itself and no copy.
        :param seen: the definitions on the way to it.
        """
        schemas: list[Mapping[str, Any]] = []
        options: list[Any] = []
        name, nullable, in_circle = "", False, False
        pending: list[object] = [node]
        while pending and len(schemas) < _MOST:
            one = pending.pop(0)
            if not isinstance(one, dict):
                continue
            schemas.append(one)
            target = self._targets.get(id(one))
            if target is not None:
                place, aim = target
                name = name or _called(place, aim)
                if place in seen:
                    in_circle = True
                else:
                    seen |= {place}
                    pending.append(aim)
            pending.extend(_list(one.get("allOf")))
            for keyword in ("anyOf", "oneOf"):
                choices = _list(one.get(keyword))
                others = [choice for choice in choices if not _is_null(choice)]
                nullable = nullable or len(others) < len(choices)
                if len(others) == 1:
                    pending.append(others[0])
                else:
                    options += others
        return Applied(tuple(schemas), tuple(options), name, nullable, seen, in_circle)


def _called(place: str, aim: object) -> str:
    title = aim.get("title") if isinstance(aim, dict) else None
    return str(title or place.rpartition("/")[2].replace("~1", "/").replace("~0", "~"))


def _is_null(schema: object) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or ("const" in schema and schema["const"] is None)
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
