"""A schema as the fast validator may read it: only what both validators read alike.

The fast one is asked whether an event is valid, and believed if it says so. So a schema is
rewritten into what can have one meaning only, and one that uses anything else is left to
jsonschema: numbers that a double does not hold, ``multipleOf``, ``unevaluatedProperties``,
identifiers inside a schema, references that are not to a definition, and recursion, where
jsonschema answers that an event is nested too deeply.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from eventroute.dialects.keywords import LISTS, MAPS, SINGLES
from eventroute.registry.fast_values import READERS, DifferError, copied_pattern
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eventroute.registry.dialect import Dialect

__all__ = ["fast_schema"]

_LEGACY: Final = (  # where a "$ref" hides what stands beside it
    "http://json-schema.org/draft-04/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
)
_DRAFTS: Final = (
    *_LEGACY,
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
_REFERENCE: Final = re.compile(r"#/(definitions|\$defs)/([^/~%#]+)")
_IDENTIFIERS: Final = frozenset({"id", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"})
_MOST_NODES: Final = 50_000
_MOST_DEPTH: Final = 40
_READ_DIFFERENTLY: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})
# Keywords that another one reads.
_READ_BY: Final = {
    "then": "if",
    "else": "if",
    "minContains": "contains",
    "maxContains": "contains",
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
}


def fast_schema(schema: Mapping[str, Any], dialect: Dialect) -> dict[str, Any] | None:
    """Return a schema that accepts the same events; ``None`` where that is not certain."""
    uri = dialect.uri.removesuffix("#")
    if uri not in _DRAFTS:
        return None
    root = {name: value for name, value in schema.items() if name not in ("id", "$id")}
    copier = _Copier(root, dialect, hides=uri in _LEGACY)
    try:
        copied = copier.copied(root)
    except (DifferError, RecursionError):
        return None
    return {"$schema": dialect.uri, **copied, **copier.definitions}


class _Copier:
    """Copies a schema and the definitions that it needs.

    :ivar definitions: those met so far, by section and name.
    """

    def __init__(self, root: Mapping[str, Any], dialect: Dialect, *, hides: bool) -> None:
        self.definitions: Final[dict[str, dict[str, Any]]] = {}
        self._root: Final = root
        self._uri: Final = dialect.uri.removesuffix("#")
        self._known: Final[Mapping[str, object]] = dialect.validator.VALIDATORS
        self._formats: Final = dialect.format_checker
        self._hides: Final = hides
        self._depth = 0
        self._nodes = 0
        # How many nodes a definition stands for, and how deep it goes, with all that it refers to.
        self._sizes: Final[dict[tuple[str, str], tuple[int, int] | None]] = {}
        self._deepest = 0
        self._readers: Final[dict[str, Callable[[Any], Any]]] = {
            **READERS,
            **dict.fromkeys(SINGLES - _READ_DIFFERENTLY, self.copied),
            **dict.fromkeys(LISTS, self._list),
            **dict.fromkeys(MAPS, self._named),
            "$ref": self._reference,
            "patternProperties": self._pattern_properties,
            "items": self._items,
            "dependencies": self._dependencies,
        }

    def copied(self, schema: Any) -> Any:  # noqa: ANN401  any JSON
        self._enter(1)
        found = schema if isinstance(schema, bool) else self._object(schema)
        self._depth -= 1
        return found

    def _enter(self, nodes: int) -> None:
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        self._nodes += nodes
        if self._depth > _MOST_DEPTH or self._nodes > _MOST_NODES:
            raise DifferError

    def _object(self, schema: object) -> dict[str, Any]:
        if not is_object(schema) or not _IDENTIFIERS.isdisjoint(schema):
            raise DifferError
        if schema.get("$schema", self._uri).removesuffix("#") != self._uri:
            raise DifferError
        if self._hides and "$ref" in schema:
            return {"$ref": self._reference(schema["$ref"])}
        found: dict[str, Any] = {}
        for name, value in schema.items():
            if name == "format":
                if self._formats is not None and value in self._formats.checkers:
                    found[name] = value
            elif name in self._known or self._is_read(name, schema):
                found[name] = self._value(name, value)
        return found

    def _is_read(self, name: str, schema: Mapping[str, Any]) -> bool:
        """Whether another keyword of the schema reads this one."""
        reader = _READ_BY.get(name)
        return reader in schema and reader in self._known

    def _value(self, name: str, value: Any) -> Any:  # noqa: ANN401  any JSON
        copy = self._readers.get(name)
        if copy is None:
            raise DifferError
        return copy(value)

    def _named(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.copied(rule) for name, rule in rules.items()}

    def _list(self, rules: Iterable[Any]) -> list[Any]:
        return [self.copied(rule) for rule in rules]

    def _items(self, rules: Any) -> Any:  # noqa: ANN401  any JSON
        return self._list(rules) if is_array(rules) else self.copied(rules)

    def _dependencies(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: list(rule) if is_array(rule) else self.copied(rule)
            for name, rule in rules.items()
        }

    def _pattern_properties(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        found = {copied_pattern(pattern): self.copied(rule) for pattern, rule in rules.items()}
        if len(found) < len(rules):
            raise DifferError
        return found

    def _reference(self, reference: str) -> str:
        parts = _REFERENCE.fullmatch(reference)
        if parts is None:
            raise DifferError
        key = (parts[1], parts[2])
        if key not in self._sizes:
            self._sizes[key] = None
            self._define(*key)
        size = self._sizes[key]
        if size is None:
            raise DifferError  # it refers to itself
        nodes, depth = size
        self._depth += depth
        self._enter(nodes)
        self._depth -= depth + 1
        return reference

    def _define(self, section: str, name: str) -> None:
        rules: Any = self._root[section][name]
        outside = (self._depth, self._nodes, self._deepest)
        self._depth = self._nodes = self._deepest = 0
        self.definitions.setdefault(section, {})[name] = self.copied(rules)
        self._sizes[section, name] = (self._nodes, self._deepest)
        self._depth, self._nodes, self._deepest = outside
