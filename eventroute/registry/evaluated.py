"""Which members and elements a schema evaluates; ``unevaluatedProperties`` and its like ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from referencing.jsonschema import lookup_recursive_ref

from eventroute.registry.effort import spend
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eventroute.registry.patterns import Patterns

__all__ = ["evaluated_indexes", "evaluated_names", "referred"]

_MOST_SCHEMAS: Final = 10_000
"""So many that apply to one value have references among them that lead back."""


def evaluated_names(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    instance: Mapping[str, object],
    schema: object,
    patterns: Patterns,
) -> set[str]:
    """Return the names that a schema evaluates, its own ``unevaluatedProperties`` left out.

    :param schema: one that the instance fits, apart from that keyword.
    :raises RecursionError: it refers to itself without end.
    """
    found: set[str] = set()
    for _, rules in _applying(validator, instance, schema):
        found |= _own_names(rules, instance, patterns)
        # The innermost of nested ones has said already that all members are right.
        if rules is not schema and "unevaluatedProperties" in rules:
            found |= instance.keys()
    return found


def evaluated_indexes(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    instance: Sequence[object],
    schema: object,
) -> set[int]:
    """Return the places in an array that a schema evaluates, as ``evaluated_names`` does."""
    found: set[int] = set()
    for reader, rules in _applying(validator, instance, schema):
        if rules is not schema and "unevaluatedItems" in rules:
            return set(range(len(instance)))
        items = rules.get("items")
        if items is not None and (not is_array(items) or "additionalItems" in rules):
            return set(range(len(instance)))
        first = items if is_array(items) else ()
        if "prefixItems" in validator.VALIDATORS:
            first = rules.get("prefixItems", ())
        found.update(range(len(first)))
        if "contains" in rules:
            spend(len(instance))
            found.update(
                index
                for index, item in enumerate(instance)
                if _fits(reader, item, rules["contains"])
            )
    return found


def _applying(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    instance: object,
    schema: object,
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every schema that says something of the instance itself, this one first, and its reader."""
    pending: list[tuple[Any, object]] = [(validator, schema)]
    for _ in range(_MOST_SCHEMAS):
        if not pending:
            return
        reader, rules = pending.pop()
        if not is_object(rules):
            continue
        spend(1)
        yield reader, rules
        pending.extend(referred(reader, rules))
        pending.extend((reader, inner) for inner in _applied(reader, rules, instance))
    if pending:
        raise RecursionError


def _fits(reader: Any, instance: object, rule: object) -> bool:  # noqa: ANN401  as above
    return next(iter(reader.descend(instance, rule)), None) is None


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


def referred(reader: Any, rules: Mapping[str, Any]) -> Iterator[tuple[Any, object]]:  # noqa: ANN401  as jsonschema calls it
    """Where the references of a schema lead, each with what reads it there."""
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
    instance: object,
) -> Iterator[object]:
    def fits(rule: object) -> bool:
        return _fits(reader, instance, rule)

    yield from rules.get("allOf", ())
    for keyword in ("anyOf", "oneOf"):
        yield from filter(fits, rules.get(keyword, ()))
    if is_object(instance):
        for name, rule in rules.get("dependentSchemas", {}).items():
            if name in instance:
                yield rule
    if "if" in rules:
        if fits(rules["if"]):
            yield rules["if"]
            yield rules.get("then")
        else:
            yield rules.get("else")
