"""Remembering what texts led to, for as long as texts come again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


__all__ = ["Memo"]

Target = TypeVar("Target")

_SIZE: Final = 1_024
"""Most texts that are remembered at a time."""

_LONGEST: Final = 256
"""Characters of the longest text that is remembered."""


class Memo(Generic[Target]):
    """Answers of a function of texts; it stops remembering where texts hardly repeat."""

    __slots__ = ("_answers", "_ask", "_hits", "find")

    def __init__(self, ask: Callable[[str], Sequence[Target]]) -> None:
        self._ask = ask
        self._answers: dict[str, Sequence[Target]] = {}
        self._hits = 0
        self.find: Callable[[str], Sequence[Target]] = self._remembered

    def _remembered(self, text: str) -> Sequence[Target]:
        answer = self._answers.get(text)
        if answer is not None:
            self._hits += 1
            return answer
        answer = self._ask(text)
        if len(text) <= _LONGEST:
            if len(self._answers) >= _SIZE:
                if self._hits < _SIZE:
                    self.find = self._ask
                self._answers = {}
                self._hits = 0
            self._answers[text] = answer
        return answer
