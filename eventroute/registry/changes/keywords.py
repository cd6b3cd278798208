"""What a keyword's change is called, and how it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PLAIN", "VALUES", "plain_changes", "show", "show_all"]

_LONGEST: Final = 60
_MISSING: Final = object()

PLAIN: Final = (
    *("type", "enum", "const", "format", "pattern", "multipleOf", "uniqueItems"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("minContains", "maxContains", "required", "dependentRequired", "$ref"),
)
"""Keywords whose value is not a schema."""

VALUES: Final = ("enum", "const")
"""Keywords that list the values themselves."""


def show(value: object) -> str:
    """Name a value of a schema in at most about 60 characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def plain_changes(
    keyword: str, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Name what happened to a keyword: the kind, and a sentence for each difference."""
    before, after = old.get(keyword, _MISSING), new.get(keyword, _MISSING)
    if keyword in VALUES and _swapped(old, new):
        if keyword in new:
            yield from _listed(_allowed(old), _allowed(new))
        return
    if _same(keyword, before, after):
        return
    tell = _TELLING.get(keyword)
    # In draft-03, "required" is true or false.
    if tell is not None and (keyword != "required" or _are_lists(before, after)):
        yield from tell(keyword, before, after)
    elif before is _MISSING:
        yield f"{_kind(keyword)}-added", f"{keyword} {show(after)} was added"
    elif after is _MISSING:
        yield f"{_kind(keyword)}-removed", f"{keyword} {show(before)} was removed"
    else:
        how = "changed"
        if _is_number(before) and _is_number(after):
            how = "raised" if after > before else "lowered"
        yield (
            f"{_kind(keyword)}-{how}",
            f"{keyword} was {how} from {show(before)} to {show(after)}",
        )


def _swapped(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether one of them lists its values, and the other names a single one."""
    return {tuple(keyword in schema for keyword in VALUES) for schema in (old, new)} == {
        (True, False),
        (False, True),
    }


def _allowed(schema: dict[str, Any]) -> list[object]:
    return list(schema["enum"]) if "enum" in schema else [schema["const"]]


def _listed(before: list[object], after: list[object]) -> Iterator[tuple[str, str]]:
    was, now = _texts(before), _texts(after)
    told = ", ".join(map(show, before)), ", ".join(map(show, after))
    if now < was:
        yield "values-narrowed", f"the values were narrowed from {told[0]} to {told[1]}"
    elif now > was:
        yield "values-widened", f"the values were widened from {told[0]} to {told[1]}"
    elif now != was:
        yield "values-changed", f"the values were {told[0]} and are {told[1]}"


def _same(keyword: str, before: object, after: object) -> bool:
    if keyword in ("type", "enum", "required"):
        return _texts(before) == _texts(after) and (before is _MISSING) == (after is _MISSING)
    return before is after or (
        before is not _MISSING and after is not _MISSING and show_all(before) == show_all(after)
    )


def show_all(value: object) -> str:
    """Write a value of a schema: the same text for the same value, 1 and 1.0 included."""
    return json.dumps(_plain_numbers(value), sort_keys=True)


def _plain_numbers(value: object) -> object:
    if is_object(value):
        return {name: _plain_numbers(member) for name, member in value.items()}
    if is_array(value):
        return [_plain_numbers(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _are_lists(*values: object) -> bool:
    return all(value is _MISSING or is_array(value) for value in values)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _texts(value: Any) -> set[str]:  # noqa: ANN401  a value of a schema
    if value is _MISSING:
        return set()
    return set(map(show_all, value)) if is_array(value) else {show_all(value)}


def _types(_: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  as above
    def named(value: Any) -> str:  # noqa: ANN401  as above
        if value is _MISSING:
            return "anything"
        return " or ".join(map(str, value)) if is_array(value) else str(value)

    yield "type-changed", f"the type was {named(before)} and is {named(after)}"


def _values(_: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  as above
    if before is _MISSING:
        yield "enum-added", f"only {show(after)} are allowed now"
    elif after is _MISSING:
        yield "enum-removed", f"the values are no longer limited to {show(before)}"
    else:
        for kind, some, others in (
            ("enum-value-removed", before, after),
            ("enum-value-added", after, before),
        ):
            known = _texts(others)
            for value in some:
                if show_all(value) not in known:
                    yield kind, f"the value {show(value)} was {kind.rpartition('-')[2]}"


def _required(_: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  as above
    old = dict.fromkeys([] if before is _MISSING else before)
    new = dict.fromkeys([] if after is _MISSING else after)
    for name in new:
        if name not in old:
            yield "required-added", f"the property {show(name)} is required now"
    for name in old:
        if name not in new:
            yield "required-removed", f"the property {show(name)} is no longer required"


_TELLING: Final[dict[str, Callable[[str, Any, Any], Iterator[tuple[str, str]]]]] = {
    "type": _types,
    "enum": _values,
    "required": _required,
}
_KINDS: Final = {
    "$ref": "reference",
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
    "minContains": "min-contains",
    "maxContains": "max-contains",
    "exclusiveMinimum": "exclusive-minimum",
    "exclusiveMaximum": "exclusive-maximum",
    "multipleOf": "multiple-of",
    "uniqueItems": "unique-items",
    "dependentRequired": "dependent-required",
}


def _kind(keyword: str) -> str:
    return _KINDS.get(keyword, keyword)
