"""Whether the validators accept a value: jsonschema's own of the draft, and eventroute's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema import validators
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from eventroute.dialects.places import LocalPlaces
from eventroute.errors import ContractError, EffortSpentError
from eventroute.jsontext import objects_in, pointer, segments
from eventroute.registry.effort import bounded
from eventroute.registry.evaluated import referred
from eventroute.registry.inclusion.unevaluated_keywords import UNEVALUATED
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.panics import surfaced_panics
from eventroute.registry.regular.backtracking import is_quick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.document import Document

__all__ = ["Confirmation"]


_DEEPEST: Final = 100
_STEPS: Final = 10_000
_GIVEN_UP: Final = (
    *(RecursionError, OverflowError, Unresolvable, re.error),
    *(ContractError, EffortSpentError),  # of patterns that could take too long
    *(TypeError, AttributeError),  # of jsonschema's own keywords, from schemas that are fine
)
_OF_NAMES: Final = frozenset({"patternProperties", "additionalProperties", "unevaluatedProperties"})


class Confirmation:
    """Checks values against one document, as plain jsonschema and as eventroute do."""

    def __init__(self, document: Document, budget: Budget) -> None:
        # The class is given, and $schema would have jsonschema choose its own again.
        self._schema: Final = {k: v for k, v in document.schema.items() if k != "$schema"}
        patterns = tuple(_patterns(self._schema))
        known: Any = validators  # the stubs know neither this default nor the types of extend()
        plain = known.validator_for({"$schema": document.dialect.uri}, None)
        self._plain: Final = _timed(plain, budget, patterns)(self._schema, registry=EMPTY_REGISTRY)
        # It matches patterns in bounded time.
        self._ours: Final = _timed(document.dialect.validator, budget, ())(
            self._schema,
            registry=EMPTY_REGISTRY,
            format_checker=document.dialect.format_checker,
        )

    def accepts(self, value: object) -> bool:
        """Whether it is certain that both accept it."""
        return self._asked(value, wanted=True)

    def refuses(self, value: object) -> bool:
        """Whether it is certain that both refuse it."""
        return self._asked(value, wanted=False)

    def _asked(self, value: object, *, wanted: bool) -> bool:
        try:
            with surfaced_panics(), bounded(value, _STEPS):
                return all(
                    validator.is_valid(value) is wanted for validator in (self._plain, self._ours)
                )
        except _GIVEN_UP:
            return False

    def place(self, value: object) -> str:
        """The pointer to what refuses the value; empty for the schema itself."""
        try:
            with surfaced_panics():
                error = next(self._plain.iter_errors(value), None)
        except _GIVEN_UP:
            return ""
        if error is None:
            return ""
        return pointer(*_followed(self._schema, error.absolute_schema_path))


def _followed(schema: dict[str, Any], path: Iterable[str | int]) -> list[str | int]:
    """The place in the document itself: jsonschema's path does not tell where a reference leads."""
    places = LocalPlaces(schema)
    steps: list[str | int] = []
    node: object = schema
    for step in path:
        for _ in range(_DEEPEST):
            reference = node.get("$ref") if is_object(node) and step not in node else None
            place = places.of(reference) if isinstance(reference, str) else None
            if place is None:
                break
            steps, node = list[str | int](segments(place[0])), place[1]
        steps.append(step)
        node = _inner(node, step)
    return steps


def _inner(node: object, step: str | int) -> object:
    if is_object(node):
        return node.get(str(step))
    if is_array(node) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def _timed(validator: Any, budget: Budget, patterns: Sequence[str]) -> Any:  # noqa: ANN401  jsonschema's classes are made at run time
    """The same validator, which stops when the budget is used up, or at a depth.

    Python's own limit must not be met: code below jsonschema that is not Python ends the process.

    :param patterns: those of the schema, which it may take too long to look for.
    """
    depth = 0

    def timed(
        name: str, check: Callable[..., Iterable[Any] | None]
    ) -> Callable[..., Iterator[Any]]:
        looks_around = name in UNEVALUATED

        def checked(*arguments: Any) -> Iterator[Any]:  # noqa: ANN401  as jsonschema calls it
            nonlocal depth
            budget.spend()
            if patterns:
                _refuse_slow(name, arguments[1], arguments[2], patterns, budget)
            if looks_around:
                _refuse_endless(arguments[0], arguments[3], budget)
            if depth >= _DEEPEST:
                raise RecursionError
            depth += 1
            try:
                yield from check(*arguments) or ()
            finally:
                depth -= 1

        return checked

    known: Any = validators
    checks = {name: timed(name, check) for name, check in validator.VALIDATORS.items()}
    return known.extend(validator, checks)


def _refuse_slow(
    name: str, given: str, value: object, patterns: Iterable[str], budget: Budget
) -> None:
    """Look ahead, because nothing stops Python's engine.

    :raises EffortSpentError: a pattern may try too many ways on a text.
    """
    texts: Iterable[str] = ()
    if name == "pattern":
        patterns, texts = (given,), (value,) if isinstance(value, str) else ()
    elif name in _OF_NAMES and is_object(value):
        texts = value
    for pattern in patterns if texts else ():
        for text in texts:
            budget.spend()
            if not is_quick(pattern, text):
                raise EffortSpentError("a pattern could take too long")


def _refuse_endless(validator: Any, schema: object, budget: Budget) -> None:  # noqa: ANN401  as above
    """Look ahead, because jsonschema follows what applies to a value without its keywords.

    :raises RecursionError: there are too many references and parts inside one another.
    """
    seen: set[tuple[int, int]] = set()
    pending: list[tuple[Any, Any, int]] = [(validator, schema, 0)]
    while pending:
        reader, rules, depth = pending.pop()
        if not is_object(rules) or (id(rules), depth) in seen:
            continue
        seen.add((id(rules), depth))
        budget.spend()
        if depth >= _DEEPEST:
            raise RecursionError
        inner: list[object] = [rules[name] for name in ("if", "then", "else") if name in rules]
        for name in ("allOf", "anyOf", "oneOf"):
            inner.extend(rules.get(name, ()))
        inner.extend(rules.get("dependentSchemas", {}).values())
        pending.extend((reader, part, depth + 1) for part in inner)
        pending.extend((other, part, depth + 1) for other, part in referred(reader, rules))


def _patterns(schema: object) -> Iterator[str]:
    for part in objects_in(schema):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        if is_object(part.get("patternProperties")):
            yield from part["patternProperties"]
