"""From an expression with ``^``, ``$`` and lookaheads to the texts in which it is found.

Whether an anchor holds depends on what stands around it, so each part is read four times: with
or without something before it, and with or without something after it. A lookahead is an
intersection with all that follows, which is known outside of repeated groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular.expressions import (
    ANYTHING,
    EMPTY,
    NOTHING,
    Expression,
    both,
    characters,
    either,
    no,
    nonempty,
    repeat,
    then,
)
from eventroute.registry.regular.syntax import (
    Ahead,
    Choice,
    End,
    Loop,
    One,
    Sequence,
    Start,
    weight,
)

if TYPE_CHECKING:
    from eventroute.registry.regular.syntax import Part

__all__ = ["found_in"]

_MAX_ANCHORED: Final = 500
# At the start and the end, at the start, at the end, at neither.
_Variants = tuple[Expression, Expression, Expression, Expression]
_BOTH, _START, _END, _NEITHER = range(4)
# The same part, but with something after it; before it.
_GOES_ON: Final = (_START, _START, _NEITHER, _NEITHER)
_GONE_ON: Final = (_END, _NEITHER, _END, _NEITHER)


def found_in(part: Part, pattern: str) -> Expression:
    """Return the texts in which the part is found somewhere.

    :raises UnsupportedExpressionError: an anchor in a group that is repeated often, or a
        lookahead in one that is repeated.
    """
    return _joined(_AROUND, _before(part, _AROUND, pattern))[_BOTH]


def _everywhere(expression: Expression) -> _Variants:
    return (expression, expression, expression, expression)


_AROUND: Final = _everywhere(ANYTHING)


def _before(part: Part, rest: _Variants, pattern: str) -> _Variants:
    """Texts that begin with the part, and go on to the very end with the rest."""
    if not _looks_ahead(part):
        return _joined(_variants(part, pattern), rest)
    match part:
        case Sequence():
            for inner in reversed(part.parts):
                rest = _before(inner, rest, pattern)
            return rest
        case Choice():
            return _any([_before(inner, rest, pattern) for inner in part.parts])
        case Ahead():
            seen = _before(part.part, _AROUND, pattern)
            a, b, c, d = (
                both((found if part.wanted else no(found), after))
                for found, after in zip(seen, rest, strict=True)
            )
            return (a, b, c, d)
        case _:
            raise UnsupportedExpressionError(pattern, "a lookahead in a group that is repeated")


def _looks_ahead(part: Part) -> bool:
    match part:
        case Ahead():
            return True
        case Sequence() | Choice():
            return any(map(_looks_ahead, part.parts))
        case Loop():
            return _looks_ahead(part.part)
        case _:
            return False


def _variants(part: Part, pattern: str) -> _Variants:
    match part:
        case One():
            return _everywhere(characters(part.characters))
        case Start():
            return (EMPTY, EMPTY, NOTHING, NOTHING)
        case End():
            return (EMPTY, NOTHING, EMPTY, NOTHING)
        case Sequence():
            found = _everywhere(EMPTY)
            for inner in reversed(part.parts):
                found = _joined(_variants(inner, pattern), found)
            return found
        case Choice():
            return _any([_variants(inner, pattern) for inner in part.parts])
        case Loop():
            return _looped(part, _variants(part.part, pattern), pattern)
        case Ahead():
            raise UnsupportedExpressionError(pattern, "a lookahead in a group that is repeated")


def _any(choices: list[_Variants]) -> _Variants:
    a, b, c, d = (either(choice[at] for choice in choices) for at in range(4))
    return (a, b, c, d)


def _joined(left: _Variants, right: _Variants) -> _Variants:
    a, b, c, d = (_joined_at(left, right, at) for at in range(4))
    return (a, b, c, d)


def _joined_at(left: _Variants, right: _Variants, at: int) -> Expression:
    first, last = left[at], right[at]
    if left[_GOES_ON[at]] is first and right[_GONE_ON[at]] is last:
        return then(first, last)
    before, after = left[_GOES_ON[at]], right[_GONE_ON[at]]
    cases = [then(nonempty(before), nonempty(after))]
    if before.nullable:
        cases.append(nonempty(last))
    if after.nullable:
        cases.append(nonempty(first))
    if first.nullable and last.nullable:
        cases.append(EMPTY)
    return either(cases)


def _looped(loop: Loop, body: _Variants, pattern: str) -> _Variants:
    if all(variant is body[0] for variant in body):
        return _everywhere(repeat(body[0], loop.least, loop.most))
    if max(loop.least, loop.most or 0) * weight(loop.part) > _MAX_ANCHORED:
        raise UnsupportedExpressionError(pattern, "an anchor in a group that is repeated often")
    found = _everywhere(EMPTY)
    if loop.most is None:
        a, b, c, d = (_starred(body, at) for at in range(4))
        found = (a, b, c, d)
    else:
        for _ in range(loop.most - loop.least):
            found = _any([_everywhere(EMPTY), _joined(body, found)])
    for _ in range(loop.least):
        found = _joined(body, found)
    return found


def _starred(body: _Variants, at: int) -> Expression:
    inner = repeat(nonempty(body[_NEITHER]), 0, None)
    several = then(nonempty(body[_GOES_ON[at]]), then(inner, nonempty(body[_GONE_ON[at]])))
    return either((EMPTY, nonempty(body[at]), several))
