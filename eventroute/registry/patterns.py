"""How ``pattern`` and the names of ``patternProperties`` are looked for: in bounded time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import ContractError, UnsupportedExpressionError
from eventroute.registry.effort import spend
from eventroute.registry.json_kinds import is_object
from eventroute.registry.regular.search import searcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Patterns", "refuse_costly_patterns"]

_MAX_TEXT: Final = 2_000
_MAX_CHOICES: Final = 8
_ONE: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_UNBOUNDED: Final = re.compile(r"[*+]|\{\d*,\d*\}")
_CHOICES: Final = re.compile(r"[?|]")
_REPEATED_GROUP: Final = re.compile(r"\)(?:[*+]|\{)")


class Patterns:
    """The expressions of one schema, each compiled once."""

    def __init__(self) -> None:
        self._known: Final[dict[str, Callable[[str], object]]] = {}

    def find(self, pattern: str, text: str) -> bool:
        """Whether the expression is found in the text.

        :raises ContractError: it could take too long to tell.
        """
        known = self._known.get(pattern)
        if known is None:
            known = self._known[pattern] = _compiled(pattern)
        return bool(known(text))


def refuse_costly_patterns(schemas: Iterable[Mapping[str, Any]], where: str) -> None:
    """Compile every expression once.

    :param schemas: every part of a contract that is a schema.
    :raises ContractError: one could take too long on some text.
    """
    for schema in schemas:
        for pattern in _patterns_of(schema):
            try:
                _compiled(pattern)
            except ContractError as error:
                raise ContractError(f"{where}: {error}") from None


def _patterns_of(schema: Mapping[str, Any]) -> Iterator[str]:
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        yield pattern
    named = schema.get("patternProperties")
    if is_object(named):
        yield from named


def _compiled(pattern: str) -> Callable[[str], object]:
    try:
        return searcher(pattern)
    except UnsupportedExpressionError as error:
        return _guarded(pattern, error.reason)


def _guarded(pattern: str, reason: str) -> Callable[[str], object]:
    """Leave an expression that is not regular to Python, if it cannot try many ways."""
    parts = _ONE.sub("x", pattern)
    unbounded = len(_UNBOUNDED.findall(parts))
    choices = len(_CHOICES.findall(parts.replace("(?", "("))) + unbounded * _MAX_CHOICES // 2
    if unbounded > 1 or choices > _MAX_CHOICES or _REPEATED_GROUP.search(parts):
        raise ContractError(
            f"the pattern {pattern[:100]!r} could take too long to check, because it has {reason}; "
            "write it without, or with one repetition at most"
        )
    search = re.compile(pattern).search

    def find(text: str) -> object:
        if len(text) > _MAX_TEXT:
            spend(len(text) * len(text))
        return search(text)

    return find
