"""Translates a schema and all that it refers to.

What the words do not reach is left out in such a way that every value stays valid that was: the
result may accept more, and never less. ``format`` is kept for the tools that go by it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.lower.translation import Translation
from eventroute.dialects.lower.values import write_values
from eventroute.dialects.modern import modern
from eventroute.dialects.places import LocalPlaces
from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.dialects.lower.target import Target

__all__ = ["lowered"]

_BEYOND: Final = ("$dynamicRef", "$recursiveRef", "propertyNames")
_UNEVALUATED: Final = ("unevaluatedItems", "unevaluatedProperties")
_ASSERTING: Final = ("draft-04", "draft-06", "draft-07")
"""Drafts in which a value must have its ``format``."""
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
    draft = next((one for one in _ASSERTING if one in str(schema.get("$schema"))), "")
    try:
        first = _Lowering(plain, target, draft, refs_are_exact=True)
        main = first.whole(name)
        if first.exact:
            return first.definitions, main, True
        second = _Lowering(plain, target, draft, refs_are_exact=False)
        return second.definitions, second.whole(name), False
    except RecursionError:
        raise ContractError("the schema is nested too deeply to be translated") from None


class _Lowering:
    """One pass. ``exact`` says of everything so far whether nothing was left out."""

    def __init__(self, root: _Part, target: Target, draft: str, *, refs_are_exact: bool) -> None:
        self._root = root
        self._places = LocalPlaces(root)
        self._target = target
        self._from_draft_04 = draft == "draft-04"
        # To OpenAPI it is an annotation, so that more is accepted.
        self._formats_are_exact = not (draft and target.is_openapi)
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
        part = Translation()
        write_values(schema, self._target, part, from_draft_04=self._from_draft_04)
        part.exact &= self._formats_are_exact or "format" not in schema
        self._object(schema, part)
        self._array(schema, part)
        self._logic(schema, part)
        self._reference(schema, part)
        self._beyond(schema, part)
        self.exact &= part.exact
        return part.whole(), part.exact

    def _object(self, schema: _Part, part: Translation) -> None:
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

    def _array(self, schema: _Part, part: Translation) -> None:
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

    def _logic(self, schema: _Part, part: Translation) -> None:
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

    def _reference(self, schema: _Part, part: Translation) -> None:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return
        place = self._places.of(reference)
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

    def _beyond(self, schema: _Part, part: Translation) -> None:
        if any(schema.get(keyword, True) not in (True, {}) for keyword in _UNEVALUATED):
            part.exact = False
        if any(schema.get(keyword, True) is not True for keyword in _BEYOND):
            part.exact = False

    def _in(self, schema: object, part: Translation) -> _Part:
        """Translate a part that may accept more as the whole may."""
        inner, exact = self._schema(schema)
        part.exact &= exact
        return inner


def _if_there(name: str, then: _Part) -> _Part:
    return {"anyOf": [{"not": {"type": "object", "required": [name]}}, then]}
