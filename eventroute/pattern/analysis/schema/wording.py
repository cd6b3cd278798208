"""Why a clause never or always passes, in a sentence, with the place in the schema that says so."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eventroute.pattern.analysis.schema.leaves import described, has_leaf
from eventroute.pattern.json_values import shown
from eventroute.pattern.operators import Exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.pattern.analysis.schema.shape import Shape
    from eventroute.pattern.analysis.schema.walk import Walk
    from eventroute.pattern.clause import Clause
    from eventroute.pattern.operators import Matcher

__all__ = ["undeclared", "why_always", "why_never"]

_MOST_COMPARED: Final = 300


def why_never(walk: Walk, clause: Clause, tests: Sequence[Matcher]) -> tuple[str, str]:
    """Reason and JSON pointer into the schema for tests of a clause that no event passes."""
    names = clause.segments
    path = shown(clause.path)
    for place in range(len(names)):
        here = [shape for shape in walk.at(names[:place]) if "object" in shape.kinds]
        if not here:
            found = walk.at(names[:place])
            above = ".".join(names[:place])
            holds = described(found) or "no object"
            return f"{shown(above)} holds {holds}, which has no fields", _place(found)
        if not walk.at(names[: place + 1]):
            return _no_field(here, names[place], ".".join(names[:place])), _closing(here)
    found = [shape for shape in walk.at(names) if has_leaf(shape)]
    written = " or ".join(shown(test.to_json()) for test in tests[:3])
    if not found:
        return f"{path} holds objects, and a test sees only what lies in them", _place(
            walk.at(names)
        )
    if all(test == Exists(present=False) for test in tests):
        return f"{path} is always there", _place(found)
    return f"{path} holds {described(found)}; {written} never passes", _place(found)


def why_always(walk: Walk, clause: Clause) -> tuple[str, str]:
    """Reason and JSON pointer into the schema for a clause that every event passes."""
    found = [shape for shape in walk.at(clause.segments) if has_leaf(shape)]
    path = shown(clause.path)
    if not found:
        return f"the schema allows no value at {path}", ""
    if clause.matchers == (Exists(present=True),):
        return f"{path} is always there", _place(found)
    missing = " or is absent" if clause.accepts_absence else ""
    return f"{path} holds {described(found)}{missing}, which always passes", _place(found)


def undeclared(walk: Walk, path: Sequence[str]) -> tuple[str, str] | None:
    """Reason and place where a path names a field that objects may have but none declares.

    ``None`` also where something that was passed over could declare it.
    """
    for place, name in enumerate(path):
        here = [shape for shape in walk.at(path[:place]) if "object" in shape.kinds]
        if not walk.complete:
            return None
        if not here or not all(_declares_others(shape, name) for shape in here):
            continue
        above = ".".join(path[:place])
        reason = f"{_where(above)} declares no field {shown(name)}{_hint(here, name)}"
        parts = (part for shape in here for part in shape.parts if part.schemas("properties"))
        return reason, next(part.place for part in parts)
    return None


def _declares_others(shape: Shape, name: str) -> bool:
    """Whether objects of this shape have declared fields, and the name is none of them."""
    declared = False
    for part in shape.parts:
        names = part.schemas("properties")
        if name in names or name in part.dotted:
            return False
        if part.schemas("patternProperties") or part.schemas("additionalProperties"):
            return False
        declared |= bool(names)
    return declared


def _no_field(here: Iterable[Shape], name: str, above: str) -> str:
    shapes = list(here)
    return f"{_where(above)} allows no field {shown(name)}{_hint(shapes, name)}"


def _where(path: str) -> str:
    return shown(path) if path else "the event"


def _hint(here: Iterable[Shape], name: str) -> str:
    declared = _declared(here)
    close = get_close_matches(name, declared, n=1) if len(declared) <= _MOST_COMPARED else []
    return f"; did you mean {shown(close[0])}?" if close else ""


def _declared(shapes: Iterable[Shape]) -> list[str]:
    names = (
        name for shape in shapes for part in shape.parts for name in part.schemas("properties")
    )
    return list(dict.fromkeys(names))


def _closing(shapes: Iterable[Shape]) -> str:
    for shape in shapes:
        for part in shape.parts:
            if part.members.get("additionalProperties") is False:
                return part.place
    return _place(shapes)


def _place(shapes: Iterable[Shape]) -> str:
    return next((part.place for shape in shapes for part in shape.parts), "")
