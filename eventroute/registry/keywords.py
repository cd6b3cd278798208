"""The keywords that are checked otherwise than jsonschema does: exactly, and in bounded time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from jsonschema import ValidationError

from eventroute.dialects.keywords import LISTS, MAPS, REFERENCES, SINGLES
from eventroute.registry.effort import spend
from eventroute.registry.equality import canonical
from eventroute.registry.evaluated import evaluated_indexes, evaluated_names
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from eventroute.registry.patterns import Patterns

__all__ = ["keywords"]

_OF_DRAFT_03: Final = frozenset({"disallow", "extends"})
_COUNTED: Final = _OF_DRAFT_03.union(REFERENCES, SINGLES, LISTS, MAPS)
"""What leads to other schemas, where a check may go on and on."""


def keywords(known: Mapping[str, Any], patterns: Patterns) -> dict[str, Any]:
    """Return what replaces the keywords that a draft of jsonschema knows."""
    ours = {
        **{name: _counted(known[name]) for name in _COUNTED if name in known},
        "required": _required,
        "dependentRequired": _dependent_required,
        "additionalItems": _additional_items,
        "unevaluatedItems": _unevaluated_items,
        "multipleOf": _multiple_of,
        "uniqueItems": _unique_items,
        "enum": _Enum(),
        "pattern": _pattern(patterns),
        "patternProperties": _pattern_properties(patterns),
        "additionalProperties": _additional_properties(patterns),
        "unevaluatedProperties": _unevaluated_properties(patterns),
    }
    return {name: check for name, check in ours.items() if name in known}


def _counted(check: Callable[..., Any]) -> Callable[..., Any]:
    def counting(validator: Any, value: Any, instance: Any, schema: Any) -> Any:  # noqa: ANN401  as jsonschema calls it
        spend(1)
        return check(validator, value, instance, schema)

    return counting


def _required(
    _: object, names: Sequence[str], instance: object, __: object
) -> Iterator[ValidationError]:
    if is_object(instance):
        spend(1 + len(names) // 8)
        for name in names:
            if name not in instance:
                yield ValidationError("is missing", path=(name,))


def _dependent_required(
    _: object, rules: Mapping[str, Sequence[str]], instance: object, __: object
) -> Iterator[ValidationError]:
    if is_object(instance):
        for present, names in rules.items():
            if present in instance:
                spend(1 + len(names) // 8)
                for name in names:
                    if name not in instance:
                        message = f"is missing; it goes with {present!r}"
                        yield ValidationError(message, path=(name,))


def _multiple_of(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    factor: float,
    instance: float,
    _: object,
) -> Iterator[ValidationError]:
    """Compare decimal fractions as written: 0.3 is a multiple of 0.1, though not of its double."""
    if validator.is_type(instance, "number"):
        quotient = _as_written(instance) / _as_written(factor)
        if quotient.denominator != 1:
            yield ValidationError("")


def _as_written(number: float) -> Fraction:
    # Python refuses to write, or to read, an integer of thousands of digits.
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _unique_items(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    wanted: object,
    instance: object,
    _: object,
) -> Iterator[ValidationError]:
    """Compare in linear time: jsonschema compares every pair of objects."""
    del validator
    if wanted and is_array(instance):
        spend(1 + len(instance) // 8)
        seen: set[str] = set()
        for element in instance:
            key = canonical(element)
            spend(len(key) // 64)
            if key in seen:
                yield ValidationError("")
                return
            seen.add(key)


class _Enum:
    """Looks a value up: jsonschema compares it with one after the other."""

    def __init__(self) -> None:
        # With the list itself, so that nothing else gets its id.
        self._known: Final[dict[int, tuple[object, frozenset[str]]]] = {}

    def __call__(
        self,
        validator: Any,  # noqa: ANN401  as jsonschema calls it
        wanted: Iterable[object],
        instance: object,
        _: object,
    ) -> Iterator[ValidationError]:
        del validator
        known = self._known.get(id(wanted))
        if known is None:
            known = self._known[id(wanted)] = (wanted, frozenset(map(canonical, wanted)))
        key = canonical(instance)
        spend(1 + len(key) // 64)
        if key not in known[1]:
            yield ValidationError("")


def _pattern(patterns: Patterns) -> Callable[..., Any]:
    def check(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
        if isinstance(instance, str):
            spend(1 + len(instance) // 64)
            if not patterns.find(pattern, instance):
                yield ValidationError("")

    return check


def _pattern_properties(patterns: Patterns) -> Callable[..., Any]:
    def check(
        validator: Any,  # noqa: ANN401  as jsonschema calls it
        rules: Mapping[str, Any],
        instance: object,
        _: object,
    ) -> Iterator[ValidationError]:
        if is_object(instance):
            spend(1 + len(rules) * len(instance) // 8)
            for pattern, rule in rules.items():
                for name, member in instance.items():
                    if patterns.find(pattern, name):
                        yield from validator.descend(member, rule, path=name, schema_path=pattern)

    return check


def _additional_properties(patterns: Patterns) -> Callable[..., Any]:
    def check(
        validator: Any,  # noqa: ANN401  as jsonschema calls it
        rule: object,
        instance: object,
        schema: Mapping[str, Any],
    ) -> Iterator[ValidationError]:
        if is_object(instance) and rule is not True:
            named = schema.get("properties", {})
            matched = tuple(schema.get("patternProperties", ()))
            spend(1 + len(matched) * len(instance) // 8)
            for name, member in instance.items():
                if name not in named and not any(patterns.find(of, name) for of in matched):
                    yield from _forbidden(validator, rule, name, member)

    return check


def _unevaluated_properties(patterns: Patterns) -> Callable[..., Any]:
    def check(
        validator: Any,  # noqa: ANN401  as jsonschema calls it
        rule: object,
        instance: object,
        schema: Mapping[str, Any],
    ) -> Iterator[ValidationError]:
        if is_object(instance) and rule is not True:
            evaluated = evaluated_names(validator, instance, schema, patterns)
            for name, member in instance.items():
                if name not in evaluated:
                    yield from _forbidden(validator, rule, name, member)

    return check


def _additional_items(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    rule: object,
    instance: object,
    schema: Mapping[str, Any],
) -> Iterator[ValidationError]:
    """Beside a list alone: jsonschema does not expect a boolean."""
    first = schema.get("items")
    if is_array(instance) and is_array(first) and rule is not True:
        spend(1 + (len(instance) - len(first)) // 8)
        for index, item in enumerate(instance[len(first) :], len(first)):
            yield from _forbidden(validator, rule, index, item)


def _unevaluated_items(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    rule: object,
    instance: object,
    schema: Mapping[str, Any],
) -> Iterator[ValidationError]:
    if is_array(instance) and rule is not True:
        spend(1 + len(instance) // 8)
        evaluated = evaluated_indexes(validator, instance, schema)
        for index, item in enumerate(instance):
            if index not in evaluated:
                yield from _forbidden(validator, rule, index, item)


def _forbidden(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    rule: object,
    name: str | int,
    member: object,
) -> Iterator[ValidationError]:
    if rule is False:
        yield ValidationError("is not in the contract", path=(name,))
    else:
        yield from validator.descend(member, rule, path=name)
