"""Which members of an object a schema has looked at, for ``unevaluatedProperties``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referencing.jsonschema import lookup_recursive_ref

from eventroute.registry.effort import spend
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.registry.patterns import Patterns

__all__ = ["evaluated_names"]


def evaluated_names(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    instance: Mapping[str, object],
    schema: object,
    patterns: Patterns,
) -> set[str]:
    """Return the names that a schema evaluates, its own ``unevaluatedProperties`` left out.

    :param schema: one that the instance fits, apart from that keyword.
    """
    found: set[str] = set()
    pending: list[tuple[Any, object]] = [(validator, schema)]
    while pending:
        reader, rules = pending.pop()
        if not is_object(rules):
            continue
        spend(1)
        found |= _own_names(rules, instance, patterns)
        # The innermost of nested ones has said already that all members are right.
        if rules is not schema and "unevaluatedProperties" in rules:
            found |= instance.keys()
        pending.extend(_referred(reader, rules))
        pending.extend((reader, inner) for inner in _applied(reader, rules, instance))
    return found


def _own_names(
    rules: Mapping[str, Any], instance: Mapping[str, object], patterns: Patterns
) -> set[str]:
    if "additionalProperties" in rules:
        return set(instance)
    named = rules.get("properties", {})
    matched = rules.get("patternProperties", ())
    spend(len(matched) * len(instance) // 8)
    return {
        name
        for name in instance
        if name in named or any(patterns.find(pattern, name) for pattern in matched)
    }


def _referred(reader: Any, rules: Mapping[str, Any]) -> Iterator[tuple[Any, object]]:  # noqa: ANN401  as jsonschema calls it
    resolver = reader._resolver
    targets = [resolver.lookup(rules[name]) for name in ("$ref", "$dynamicRef") if name in rules]
    if "$recursiveRef" in rules and "$recursiveRef" in reader.VALIDATORS:
        targets.append(lookup_recursive_ref(resolver))
    for target in targets:
        evolved = reader.evolve(schema=target.contents, _resolver=target.resolver)
        yield evolved, target.contents


def _applied(
    reader: Any,  # noqa: ANN401  as jsonschema calls it
    rules: Mapping[str, Any],
    instance: Mapping[str, object],
) -> Iterator[object]:
    def fits(rule: object) -> bool:
        return next(iter(reader.descend(instance, rule)), None) is None

    yield from rules.get("allOf", ())
    for keyword in ("anyOf", "oneOf"):
        yield from filter(fits, rules.get(keyword, ()))
    for name, rule in rules.get("dependentSchemas", {}).items():
        if name in instance:
            yield rule
    if "if" in rules:
        if fits(rules["if"]):
            yield rules["if"]
            yield rules.get("then")
        else:
            yield rules.get("else")
