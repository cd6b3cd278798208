"""How large and how intricate a policy is, and which limit of a dialect that exceeds."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from eventroute.pattern.source import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern.narrow.carried import Obstacle
    from eventroute.pattern.narrow.dialect import Dialect

__all__ = ["Measure", "measure"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What the limits of a :class:`Dialect` count; see there."""

    alternatives: int
    keys: int
    combinations: int
    characters: int
    bytes: int

    def structure_over(self, dialect: Dialect) -> Obstacle | None:
        """The first limit on fields and alternatives that is exceeded."""
        split = "split the rule, or test fewer fields"
        for value, most, what in (
            (self.alternatives, dialect.max_alternatives, "alternatives"),
            (self.keys, dialect.max_keys, "fields"),
        ):
            if most is not None and value > most:
                return f"{dialect.name} takes {most:,} {what}, not {value:,}", split
        return None

    def bulk_over(self, dialect: Dialect) -> Obstacle | None:
        """The first limit on the number and length of the tests that is exceeded."""
        for value, most, what in (
            (self.combinations, dialect.max_combinations, "combinations of tests"),
            (self.characters, dialect.max_characters, "characters"),
            (self.bytes, dialect.max_bytes, "bytes"),
        ):
            if most is not None and value > most:
                return (
                    f"{dialect.name} takes {most:,} {what}, not {value:,}",
                    "split the rule, or shorten the lists",
                )
        return None

    def over(self, dialect: Dialect) -> Obstacle | None:
        """The first limit of the dialect that is exceeded."""
        return self.structure_over(dialect) or self.bulk_over(dialect)


def measure(policy: dict[str, Any], *, nested: bool) -> Measure:
    """Measure a policy whose form was checked.

    AWS counts combinations as in its message "filter policy is too complex": the sum over the
    alternatives of the product over their fields, each weighted with its depth.
    """
    text = write(policy)
    lists = list(_lists(policy))
    return Measure(
        alternatives=_combined(policy, depth=1, weighted=False, nested=nested),
        keys=max(len(lists), len(policy)),
        combinations=_combined(policy, depth=1, weighted=True, nested=nested),
        characters=len(text),
        bytes=len(text.encode()),
    )


def _is_or(name: str, value: object) -> bool:
    return name == "$or" and isinstance(value, list) and isinstance(value[0], dict)


def _lists(tree: dict[str, Any]) -> Iterator[list[Any]]:
    for name, value in tree.items():
        if _is_or(name, value):
            for alternative in value:
                yield from _lists(alternative)
        elif isinstance(value, dict):
            yield from _lists(value)
        else:
            yield value


def _combined(tree: dict[str, Any], *, depth: int, weighted: bool, nested: bool) -> int:
    def count(name: str, value: Any) -> int:  # noqa: ANN401  any JSON value
        below = depth + name.count(".") if nested else depth
        if _is_or(name, value):
            return sum(
                _combined(each, depth=depth, weighted=weighted, nested=nested) for each in value
            )
        if isinstance(value, dict):
            return _combined(value, depth=below + 1, weighted=weighted, nested=nested)
        return len(value) * below if weighted else 1

    return prod(count(name, value) for name, value in tree.items())
