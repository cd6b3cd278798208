"""What each family of keywords says, in every draft from draft-04 on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from eventroute.registry.inclusion.formula import (
    Contains,
    Format,
    Formula,
    Has,
    Items,
    Limit,
    Multiple,
    Names,
    Pattern,
    Size,
    Unique,
    Whole,
)
from eventroute.registry.json_kinds import is_array

if TYPE_CHECKING:
    from eventroute.registry.inclusion.compiler import Compiler
    from eventroute.registry.inclusion.formula import Kind

__all__ = ["FAMILIES", "exact"]

_Part: TypeAlias = Callable[[object], Formula]
_Family: TypeAlias = "Callable[[dict[str, Any], Compiler, _Part], Iterable[Formula]]"


def exact(number: float) -> Fraction:
    """The decimal fraction as it is written, not the double next to it."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _types(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    wanted = node["type"]
    names: list[str] = [wanted] if isinstance(wanted, str) else list(wanted)
    kinds = cast("list[Kind]", [name for name in names if name != "integer"])
    choices = [make.kind(*kinds)] if kinds else []
    if "integer" in names and "number" not in names:
        whole = make.of(Whole, compiler.draft <= 4)
        choices.append(make.all([make.kind("number"), whole]))
    return [make.any(choices)]


def _values(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    if "enum" in node:
        yield make.literally(node["enum"])
    if "const" in node:
        yield make.literally([node["const"]])


def _numbers(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    for name, side, upper in (
        ("minimum", "exclusiveMinimum", False),
        ("maximum", "exclusiveMaximum", True),
    ):
        beyond: Any = node.get(side)
        if name in node:
            exclusive = beyond is True
            yield make.of(Limit, exact(node[name]), upper, exclusive)
        if beyond is not None and not isinstance(beyond, bool):
            yield make.of(Limit, exact(beyond), upper, True)
    if "multipleOf" in node:
        yield make.of(Multiple, exact(node["multipleOf"]))


def _sizes(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    kinds: tuple[tuple[Kind, str], ...] = (
        ("string", "Length"),
        ("array", "Items"),
        ("object", "Properties"),
    )
    for kind, what in kinds:
        if node.get("min" + what, 0) > 0:
            yield make.of(Size, kind, ceil(node["min" + what]), False)
        if "max" + what in node:
            yield make.of(Size, kind, floor(node["max" + what]), True)


def _texts(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    if "pattern" in node:
        yield compiler.formulas.of(Pattern, node["pattern"])
    # A format that eventroute does not check is an annotation to it, in any draft.
    if node.get("format") in compiler.formats:
        yield compiler.formulas.of(Format, node["format"])


def _combined(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    if "allOf" in node:
        yield make.all(map(part, node["allOf"]))
    if "anyOf" in node:
        yield make.any(map(part, node["anyOf"]))
    if "oneOf" in node:
        yield make.one(map(part, node["oneOf"]))
    if "not" in node:
        yield make.negated(part(node["not"]))
    if "if" in node:
        condition = part(node["if"])
        if "then" in node:
            yield make.any([make.negated(condition), part(node["then"])])
        if "else" in node:
            yield make.any([condition, part(node["else"])])


def _items(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    first: tuple[Formula, ...] = ()
    others: Formula = make.true
    items: object = node.get("items", True)
    if is_array(items):  # up to 2019-09
        first = tuple(map(part, items))
        others = part(node.get("additionalItems", True))
    else:
        first = tuple(map(part, node.get("prefixItems", ())))
        others = part(items)
    while first and first[-1] is others:
        first = first[:-1]
    if first or others is not make.true:
        yield make.of(Items, first, others)
    if node.get("uniqueItems"):
        yield make.of(Unique)


def _contains(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    wanted = part(node["contains"])
    counted = compiler.draft >= 2019
    least = ceil(node.get("minContains", 1)) if counted else 1
    if least > 0:
        yield make.of(Contains, wanted, least)
    if counted and "maxContains" in node:
        more = make.of(Contains, wanted, floor(node["maxContains"]) + 1)
        yield make.any([make.negated(make.kind("array")), make.negated(more)])


def _members(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    yield compiler.formulas.members(
        {name: part(inner) for name, inner in node.get("properties", {}).items()},
        {name: part(inner) for name, inner in node.get("patternProperties", {}).items()},
        part(node.get("additionalProperties", True)),
    )


def _required(node: dict[str, Any], compiler: Compiler, _: _Part) -> Iterable[Formula]:
    return [compiler.formulas.of(Has, name) for name in node["required"]]


def _names(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    wanted = part(node["propertyNames"])
    if wanted is not compiler.formulas.true:
        yield compiler.formulas.of(Names, wanted)


def _dependent(node: dict[str, Any], compiler: Compiler, part: _Part) -> Iterable[Formula]:
    make = compiler.formulas
    for keyword in ("dependencies", "dependentRequired", "dependentSchemas"):
        for name, needs in node.get(keyword, {}).items():
            then = (
                make.all(make.of(Has, other) for other in needs) if is_array(needs) else part(needs)
            )
            present = make.all([make.kind("object"), make.of(Has, name)])
            yield make.any([make.negated(present), then])


FAMILIES: Final[tuple[tuple[frozenset[str], _Family], ...]] = (
    (frozenset({"type"}), _types),
    (frozenset({"enum", "const"}), _values),
    (
        frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
        _numbers,
    ),
    (
        frozenset(
            {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
        ),
        _sizes,
    ),
    (frozenset({"pattern", "format"}), _texts),
    (frozenset({"allOf", "anyOf", "oneOf", "not", "if"}), _combined),
    (frozenset({"items", "prefixItems", "additionalItems", "uniqueItems"}), _items),
    (frozenset({"contains"}), _contains),
    (frozenset({"properties", "patternProperties", "additionalProperties"}), _members),
    (frozenset({"required"}), _required),
    (frozenset({"propertyNames"}), _names),
    (frozenset({"dependencies", "dependentRequired", "dependentSchemas"}), _dependent),
)
"""The keywords of each family, and what says what they mean."""
