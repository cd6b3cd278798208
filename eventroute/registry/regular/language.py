"""Sets of texts, and what can be said about them."""

from __future__ import annotations

from collections import deque
from typing import Final

from eventroute.errors import EffortSpentError, UnsupportedExpressionError
from eventroute.registry.regular.anchors import found_in
from eventroute.registry.regular.automaton import Automaton
from eventroute.registry.regular.expressions import (
    ANY,
    EMPTY,
    NOTHING,
    Expression,
    both,
    characters,
    either,
    no,
    repeat,
    then,
)
from eventroute.registry.regular.parse import parse

__all__ = ["Language"]

_MAX_DEPTH: Final = 100


class Language:
    """A regular set of texts. Immutable; ``&``, ``|`` and ``~`` make others."""

    __slots__ = ("_automaton", "_expression")

    def __init__(self, expression: Expression) -> None:
        if expression.depth > _MAX_DEPTH:
            raise UnsupportedExpressionError("…", "too many parts inside one another")
        self._expression: Final = expression
        self._automaton: Automaton | None = None

    @classmethod
    def of(cls, pattern: str) -> Language:
        """Return the texts that a ``pattern`` of JSON Schema accepts: it is found in them.

        :raises UnsupportedExpressionError: not valid, not regular (lookaround, backreferences),
            or too large.
        """
        return cls(found_in(parse(pattern), pattern))

    @classmethod
    def literal(cls, text: str) -> Language:
        """Return one text alone."""
        expression = EMPTY
        for character in reversed(text):
            code = ord(character)
            expression = then(characters(((code, code),)), expression)
        return cls(expression)

    @classmethod
    def length(cls, minimum: int, maximum: int | None) -> Language:
        """Return the texts of ``minimum`` to ``maximum`` code points, both included."""
        if maximum is not None and maximum < minimum:
            return cls(NOTHING)
        return cls(repeat(ANY, max(minimum, 0), maximum))

    def __and__(self, other: Language) -> Language:
        """Texts of both."""
        return Language(both((self._expression, other._expression)))

    def __or__(self, other: Language) -> Language:
        """Texts of either."""
        return Language(either((self._expression, other._expression)))

    def __invert__(self) -> Language:
        """All other texts."""
        return Language(no(self._expression))

    def matches(self, text: str) -> bool:
        """Whether a text belongs to it; the time grows with the text's length, not faster."""
        return self._states().accepts(text)

    def shortest(self, steps: int) -> str | None:
        """Return a shortest text of it, a printable one where there is a choice.

        :param steps: most transitions from state to state to look at.
        :returns: ``None`` where it certainly holds no text.
        :raises EffortSpentError: after so many steps, without an answer.
        """
        automaton = self._states()
        origins: dict[Expression, tuple[Expression, str] | None] = {automaton.start: None}
        if automaton.start.nullable:
            return ""
        pending = deque([automaton.start])
        while pending:
            state = pending.popleft()
            for character, following in automaton.following(state):
                steps -= 1
                if steps < 0:
                    raise EffortSpentError("the steps were used up before a text was found")
                if following is NOTHING or following in origins:
                    continue
                origins[following] = (state, character)
                if following.nullable:
                    return _path(origins, following)
                pending.append(following)
        return None

    def includes(self, other: Language, steps: int) -> bool:
        """Whether every text of the other belongs to it.

        :param steps: most transitions from state to state to look at.
        :raises EffortSpentError: after so many steps, without an answer.
        """
        return (other & ~self).shortest(steps) is None

    def _states(self) -> Automaton:
        if self._automaton is None:
            self._automaton = Automaton(self._expression)
        return self._automaton


def _path(origins: dict[Expression, tuple[Expression, str] | None], state: Expression) -> str:
    text: list[str] = []
    origin = origins[state]
    while origin is not None:
        state, character = origin
        text.append(character)
        origin = origins[state]
    return "".join(reversed(text))
