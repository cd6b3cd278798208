"""Which leaves a shape allows, as a test sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.leaf_sets import covered, only_leaf, within
from eventroute.pattern.analysis.schema.shape import leave_nothing
from eventroute.pattern.analysis.texts import is_text_test, longest, shortest
from eventroute.pattern.json_values import shown
from eventroute.pattern.operators import AnythingBut, Exists, Literal, Number, Prefix, Range
from eventroute.pattern.operators.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.analysis.schema.shape import Shape
    from eventroute.pattern.operators import Matcher

__all__ = ["all_pass", "described", "has_leaf", "may_pass"]

_SCALARS: Final = frozenset(("null", "boolean", "number", "string"))
_ANY_STRING: Final = Prefix("")


def has_leaf(shape: Shape) -> bool:
    """Tell whether the value may be a string, a number, a boolean or null."""
    return not shape.kinds.isdisjoint(_SCALARS)


def may_pass(test: Matcher, shape: Shape) -> bool:
    """Tell whether some scalar of this shape may pass; ``False`` is certain."""
    if shape.values is not None:
        return any(test.matches(only_leaf(value)) for value in shape.values)
    kinds = shape.kinds
    if isinstance(test, Exists):
        return test.present and has_leaf(shape)
    return (
        ("null" in kinds and test.matches(None))
        or ("boolean" in kinds and (test.matches(True) or test.matches(False)))
        or ("number" in kinds and _number_may_pass(test, shape))
        or ("string" in kinds and _string_may_pass(test, shape))
    )


def all_pass(tests: Sequence[Matcher], shape: Shape) -> bool:
    """Tell whether every scalar of this shape passes one of the tests; ``True`` is certain."""
    if shape.values is not None:
        return all(any(test.matches(only_leaf(value)) for test in tests) for value in shape.values)
    wanted: list[Matcher] = []
    if "null" in shape.kinds:
        wanted.append(Literal(None))
    if "boolean" in shape.kinds:
        wanted += (Literal(True), Literal(False))
    if "number" in shape.kinds:
        wanted.append(shape.bounds)
    if "string" in shape.kinds:
        wanted.append(_ANY_STRING)
    return all(covered(each, tests) for each in wanted)


def described(shapes: Iterable[Shape]) -> str:
    """The scalars of some shapes, for a sentence."""
    values = list(shapes)
    listed = [value for shape in values for value in shape.values or ()]
    if listed and all(shape.values is not None for shape in values):
        texts = sorted({shown(value.to_json()) for value in listed})
        some = ", ".join(texts[:6]) + (", …" if len(texts) > 6 else "")
        return some if len(texts) == 1 else f"one of {some}"
    kinds = {text for shape in values for text in _kinds(shape)}
    return " or ".join(sorted(kinds))


def _number_may_pass(test: Matcher, shape: Shape) -> bool:
    if isinstance(test, Number):
        return shape.bounds.holds(test.number) and (
            not shape.integer or isinstance(comparable(test.number), int)
        )
    if isinstance(test, Range):
        return not leave_nothing(_intersection(test, shape.bounds), whole=shape.integer)
    return not (is_text_test(test) or isinstance(test, Literal))


def _string_may_pass(test: Matcher, shape: Shape) -> bool:
    if isinstance(test, AnythingBut):
        return not any(within(_ANY_STRING, excluded) for excluded in test.excluded)
    if isinstance(test, Number | Literal | Range):
        return False
    most = longest(test)
    return (shape.longest is None or shortest(test) <= shape.longest) and (
        most is None or most >= shape.shortest
    )


def _intersection(one: Range, two: Range) -> Range:
    lower = [(each.above, each.above_open) for each in (one, two) if each.above is not None]
    upper = [(each.below, not each.below_open) for each in (one, two) if each.below is not None]
    above, above_open = max(lower, default=(None, False))
    below, below_closed = min(upper, default=(None, True))
    return Range(above, above_open, below, not below_closed)


def _kinds(shape: Shape) -> Iterable[str]:
    if shape.values is not None:
        yield from (shown(value.to_json()) for value in shape.values)
        return
    for kind in sorted(shape.kinds & _SCALARS):
        if kind == "number":
            yield _numbers(shape)
        elif kind == "string":
            yield _strings(shape)
        else:
            yield "null" if kind == "null" else "a boolean"


def _numbers(shape: Shape) -> str:
    low, high = shape.bounds.above, shape.bounds.below
    terms = ["a whole number" if shape.integer else "a number"]
    if low is not None:
        terms.append(f"{'above' if shape.bounds.above_open else 'from'} {shown(low)}")
    if high is not None:
        terms.append(f"{'below' if shape.bounds.below_open else 'to'} {shown(high)}")
    return " ".join(terms)


def _strings(shape: Shape) -> str:
    if shape.longest is not None:
        return f"a string of {shape.shortest} to {shape.longest} characters"
    if shape.shortest:
        return f"a string of at least {shape.shortest} characters"
    return "a string"
