"""The quickest way to look for an expression that cannot be made slow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.anchors import found_in
from eventroute.registry.regular.automaton import Automaton
from eventroute.registry.regular.harmless import harmless
from eventroute.registry.regular.parse import parse
from eventroute.registry.regular.syntax import weight
from eventroute.registry.regular.translate import python_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["searcher"]

_MAX_AUTOMATON: Final = 2_000


def searcher(pattern: str) -> Callable[[str], object]:
    """Return a function that says, by a true value, whether an expression is found in a text.

    :raises UnsupportedExpressionError: it is not regular, or an automaton for it is too large.
    """
    part = parse(pattern)
    simple = harmless(part)
    if simple is not None:
        return re.compile(python_pattern(simple)).search
    if weight(part) > _MAX_AUTOMATON:
        raise UnsupportedExpressionError(
            pattern, f"ambiguous counts that amount to more than {_MAX_AUTOMATON} characters"
        )
    return Automaton(found_in(part, pattern)).accepts
