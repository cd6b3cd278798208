"""2020-12 in the words of draft-04 or OpenAPI 3.0, which have fewer.

What the words do not reach is left out in such a way that every value stays valid that was: the
result may accept more, and never less. ``format`` is kept for the tools that go by it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.modern import modern
from eventroute.dialects.places import place_of
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DRAFT_04", "OPENAPI_30", "Target", "lowered"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a dialect has.

    :ivar prefix: begins a reference to a definition.
    :ivar is_openapi: it has ``nullable`` instead of ``null``, neither tuples nor
        ``patternProperties``, and takes no keyword that it does not know.
    """

    prefix: str
    is_openapi: bool


DRAFT_04: Final = Target("#/definitions/", is_openapi=False)
OPENAPI_30: Final = Target("#/components/schemas/", is_openapi=True)

_SAME: Final = (
    "description",
    "format",
    "maximum",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
)
_COUNTS: Final = (
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
)
_OPENAPI_ANNOTATIONS: Final = ("deprecated", "readOnly", "writeOnly")
_BEYOND: Final = ("$dynamicRef", "$recursiveRef", "propertyNames")
_UNEVALUATED: Final = ("unevaluatedItems", "unevaluatedProperties")
_NULL: Final = {"type": "object", "nullable": True, "enum": [None]}
_Part = dict[str, Any]


def lowered(
    schema: Mapping[str, object], name: str, target: Target
) -> tuple[dict[str, _Part], str, bool]:
    """Translate a schema that refers to nothing outside itself.

    :param name: what to call it.
    :returns: all definitions that it takes by name; the name of the whole; and whether they
        accept exactly the same values.
    :raises ContractError: nested too deeply.
    """
    plain = modern(schema)
    old = "draft-04" in str(schema.get("$schema"))
    try:
        first = _Lowering(plain, target, refs_are_exact=True, from_draft_04=old)
        main = first.whole(name)
        if first.exact:
            return first.definitions, main, True
        second = _Lowering(plain, target, refs_are_exact=False, from_draft_04=old)
        return second.definitions, second.whole(name), False
    except RecursionError:
        raise ContractError("the schema is nested too deeply to be translated") from None


class _Lowering:
    """One pass. ``exact`` says of everything so far whether nothing was left out."""

    def __init__(
        self, root: _Part, target: Target, *, refs_are_exact: bool, from_draft_04: bool
    ) -> None:
        self._root = root
        self._target = target
        self._from_draft_04 = from_draft_04
        self._refs_are_exact = refs_are_exact
        self._names: dict[str, str] = {}
        self.definitions: dict[str, _Part] = {}
        self.exact = True

    def whole(self, name: str) -> str:
        """Translate everything; the name of the outermost definition."""
        return self._definition("", self._root, name)

    def _definition(self, way: str, found: object, wish: str) -> str:
        """The name of the definition of a place, which is made the first time."""
        if way not in self._names:
            name = self._free(wish)
            self._names[way] = name
            self.definitions[name] = {}  # the name is taken
            self.definitions[name] = self._schema(found)[0]
        return self._names[way]

    def _free(self, wish: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", wish)[:100] or "Schema"
        name, count = plain, 1
        while name in self.definitions or name == "AWSEvent":
            count += 1
            name = f"{plain}_{count}"
        return name

    def _schema(self, schema: object) -> tuple[_Part, bool]:
        """The translation, and whether it is exact."""
        if not isinstance(schema, dict):
            return ({"not": {}} if schema is False else {}), True
        part = _Translation()
        for keyword in _SAME:
            if keyword in schema:
                part.out[keyword] = schema[keyword]
        for keyword in _COUNTS:
            if keyword in schema:
                part.out[keyword] = int(schema[keyword])  # 1.0 counts too, but not in draft-04
        self._annotations(schema, part.out)
        self._limits(schema, part)
        self._values(schema, part)
        self._object(schema, part)
        self._array(schema, part)
        self._logic(schema, part)
        self._reference(schema, part)
        self._beyond(schema, part)
        if part.also:
            part.out["allOf"] = [*part.out.get("allOf", ()), *part.also]
        self.exact &= part.exact
        return part.out, part.exact

    def _annotations(self, schema: _Part, out: _Part) -> None:
        out.update({key: value for key, value in schema.items() if key.startswith("x-")})
        if schema.get("default") is not None:
            out["default"] = schema["default"]
        if self._target.is_openapi:
            for keyword in _OPENAPI_ANNOTATIONS:
                if keyword in schema:
                    out[keyword] = schema[keyword]
            examples = schema.get("examples")
            if isinstance(examples, list) and examples:
                out["example"] = examples[0]

    def _limits(self, schema: _Part, part: _Translation) -> None:
        for limit, exclusive, sign in (
            ("minimum", "exclusiveMinimum", 1),
            ("maximum", "exclusiveMaximum", -1),
        ):
            bound = schema.get(exclusive)
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                continue
            if limit not in schema or sign * schema[limit] <= sign * bound:
                part.out[limit] = bound
                part.out[exclusive] = True

    def _values(self, schema: _Part, part: _Translation) -> None:
        enum = schema.get("enum")
        if enum == []:  # draft-04 takes no empty list
            part.also.append({"not": {}})
        elif isinstance(enum, list):
            part.out["enum"] = _each_once(enum)
        if "const" in schema:
            if "enum" in part.out:
                part.also.append({"enum": [schema["const"]]})
            else:
                part.out["enum"] = [schema["const"]]
        types = schema.get("type")
        if types is None:
            return
        named = [types] if isinstance(types, str) else list(types)
        if not self._target.is_openapi:
            self._types(named, part)
            return
        if self._from_draft_04 and "integer" in named:
            part.exact = False  # there, 1.0 is none
        others = [one for one in named if one != "null"]
        null = {"nullable": True} if "null" in named else {}
        typed = [{"type": one, **null, **_items_of(one)} for one in others]
        if not others and "enum" in part.out:
            part.also.append(dict(_NULL))
        elif not others:
            part.out.update(_NULL)
        elif len(typed) == 1:
            part.out.update(typed[0])
        else:
            part.also.append({"anyOf": typed})

    def _types(self, named: list[str], part: _Translation) -> None:
        """In draft-04, 1.0 is a number but no integer; later, it is both."""
        if "integer" in named and not self._from_draft_04:
            whole = "number" not in named
            at = named.index("integer")
            named = [*named[:at], *(["number"] if whole else []), *named[at + 1 :]]
            if whole and "multipleOf" in part.out:
                part.also.append({"multipleOf": 1})
            elif whole:
                part.out["multipleOf"] = 1
        part.out["type"] = named[0] if len(named) == 1 else named

    def _object(self, schema: _Part, part: _Translation) -> None:
        if schema.get("required"):  # draft-04 takes no empty list
            part.out["required"] = schema["required"]
        named = schema.get("properties")
        if isinstance(named, dict):
            part.out["properties"] = {key: self._in(one, part) for key, one in named.items()}
        patterns = schema.get("patternProperties")
        others = schema.get("additionalProperties")
        if patterns and self._target.is_openapi:
            part.exact = False  # and what the others must be, nothing can say
        else:
            if patterns:
                part.out["patternProperties"] = {
                    key: self._in(one, part) for key, one in patterns.items()
                }
            if others is not None:
                plain = isinstance(others, bool)
                part.out["additionalProperties"] = others if plain else self._in(others, part)
        for name, needed in schema.get("dependentRequired", {}).items():
            if needed:
                part.also.append(_if_there(name, {"required": needed}))
        for name, one in schema.get("dependentSchemas", {}).items():
            part.also.append(_if_there(name, self._in(one, part)))

    def _array(self, schema: _Part, part: _Translation) -> None:
        rest, first = schema.get("items"), schema.get("prefixItems")
        if isinstance(first, list) and self._target.is_openapi:
            part.out["items"] = {}
            part.exact = False
            if rest is False:
                part.out["maxItems"] = min(len(first), part.out.get("maxItems", len(first)))
        elif isinstance(first, list) and first:
            part.out["items"] = [self._in(one, part) for one in first]
            if rest is not None:
                plain = isinstance(rest, bool)
                part.out["additionalItems"] = rest if plain else self._in(rest, part)
        elif rest is not None:
            part.out["items"] = self._in(rest, part)
        least = schema.get("minContains", 1)
        if "contains" in schema and least:
            without = {"not": self._in(schema["contains"], part)}
            part.also.append({"not": {"type": "array", "items": without}})
        if "contains" in schema and (least > 1 or "maxContains" in schema):
            part.exact = False

    def _logic(self, schema: _Part, part: _Translation) -> None:
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = schema.get(keyword)
            if isinstance(branches, list) and branches:
                pairs = [self._schema(one) for one in branches]
                exact = all(one[1] for one in pairs)
                part.exact &= exact
                # Branches that accept more may meet, and oneOf would refuse what they share.
                name = "anyOf" if keyword == "oneOf" and not exact else keyword
                parts = [one[0] for one in pairs]
                if name in part.out:
                    part.also.append({name: parts})
                else:
                    part.out[name] = parts
        if "not" in schema:
            inner, exact = self._schema(schema["not"])
            part.exact &= exact
            if exact:
                part.out["not"] = inner
        if "if" in schema and ("then" in schema or "else" in schema):
            condition, exact = self._schema(schema["if"])
            part.exact &= exact
            if exact and "then" in schema:
                then = self._in(schema["then"], part)
                part.also.append({"anyOf": [{"not": condition}, then]})
            if exact and "else" in schema:
                part.also.append({"anyOf": [condition, self._in(schema["else"], part)]})

    def _reference(self, schema: _Part, part: _Translation) -> None:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return
        place = place_of(reference, self._root)
        if place is None:
            part.exact = False
            return
        name = self._definition(*place, wish=place[0].rpartition("/")[2])
        part.exact &= self._refs_are_exact
        found = {"$ref": self._target.prefix + name}
        if part.out or part.also:
            part.also.insert(0, found)
        else:
            part.out.update(found)

    def _beyond(self, schema: _Part, part: _Translation) -> None:
        if any(schema.get(keyword, True) not in (True, {}) for keyword in _UNEVALUATED):
            part.exact = False
        if any(schema.get(keyword, True) is not True for keyword in _BEYOND):
            part.exact = False

    def _in(self, schema: object, part: _Translation) -> _Part:
        """Translate a part that may accept more as the whole may."""
        inner, exact = self._schema(schema)
        part.exact &= exact
        return inner


class _Translation:
    """One schema on its way: its keywords, and what must hold beside them."""

    __slots__ = ("also", "exact", "out")

    def __init__(self) -> None:
        self.out: _Part = {}
        self.also: list[_Part] = []
        self.exact = True


def _each_once(values: list[Any]) -> list[Any]:
    """Draft-04 takes no value twice."""
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(json.dumps(_plain(value), sort_keys=True), value)
    return list(found.values())


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Equal numbers, written alike."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _if_there(name: str, then: _Part) -> _Part:
    return {"anyOf": [{"not": {"type": "object", "required": [name]}}, then]}


def _items_of(type_: str) -> _Part:
    return {"items": {}} if type_ == "array" else {}
