"""A JSON Schema as a document: its draft, its local references, its alternatives.

Everything here errs on the side of allowing more: a keyword that is not understood, a reference
that leads elsewhere, or too many combinations mean no constraint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractError
from eventroute.jsontext import objects_in, pointer, segments, value_at
from eventroute.pattern.analysis.schema.shape import ANYTHING, Part, Shape, members_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.pattern.analysis.effort import Effort

__all__ = ["SchemaDocument"]

_DRAFT: Final = re.compile(
    r"https?://json-schema\.org/(?:draft-0(4|6|7)|draft/(2019-09|2020-12))/schema#?"
)
_DEEPEST: Final = 40
_MOST_COMBINATIONS: Final = 64
_MOST_ALTERNATIVES: Final = 1024


class SchemaDocument:
    """One schema, asked for the shapes that values at its places may have.

    :ivar draft: 4, 6, 7, 2019 or 2020; ``None`` where the schema does not say.
    :ivar complete: whether every reference and every alternative was followed so far.
    """

    def __init__(self, root: object, effort: Effort) -> None:
        if not isinstance(root, dict):
            raise ContractError(f"a schema is a JSON object, not a {type(root).__name__}")
        self._root = root
        self._effort = effort
        self.draft = _draft(root)
        self.complete = True
        self._follows = _has_one_base(root, "id" if self.draft == 4 else "$id")
        self._targets: dict[str, list[Shape]] = {}

    def root_shapes(self) -> list[Shape]:
        """The shapes of a whole event, which is an object.

        :raises ContractError: the schema allows no object.
        """
        shapes = self.shapes([(self._root, ""), ({"type": "object"}, "/type")])
        if not shapes:
            raise ContractError(
                "the schema allows no object, so no event fits it; give the schema of whole events"
            )
        return shapes

    def shapes(self, schemas: Iterable[tuple[object, str]]) -> list[Shape]:
        """The shapes of a value that fits all the schemas, each given with its JSON pointer."""
        return self._both([self._expand(schema, place, 0) for schema, place in schemas])

    def _expand(self, schema: object, place: str, depth: int) -> list[Shape]:
        if schema is False:
            return []
        if not isinstance(schema, dict):
            return [ANYTHING]
        if depth > _DEEPEST or not self._effort.spend():
            return self._anything()
        members = members_of(schema)
        factors: list[list[Shape]] = []
        reference = members.get("$ref")
        if isinstance(reference, str):
            factors.append(self._target(reference, depth))
            # Up to draft-07, whatever stands beside a reference is ignored.
            if self.draft is None or self.draft < 2019:
                return factors[0]
        factors.append([Shape((Part.of(members, place),), self.draft)])
        for name in ("allOf", "anyOf", "oneOf"):
            schemas = members.get(name)
            if isinstance(schemas, list) and schemas:
                below = [
                    self._expand(each, f"{place}/{name}/{number}", depth + 1)
                    for number, each in enumerate(schemas)
                ]
                factors += below if name == "allOf" else [self._either(below)]
        if "if" in members and (self.draft is None or self.draft >= 7):
            factors.append(self._conditional(members, place, depth))
        return self._both(factors)

    def _conditional(self, members: dict[str, object], place: str, depth: int) -> list[Shape]:
        parts = {
            name: self._expand(members.get(name, True), f"{place}/{name}", depth + 1)
            for name in ("if", "then", "else")
        }
        return self._either([self._both([parts["if"], parts["then"]]), parts["else"]])

    def _target(self, reference: str, depth: int) -> list[Shape]:
        known = self._targets.get(reference)
        if known is not None:
            return known
        self._targets[reference] = [ANYTHING]  # what a circle of references says
        found = self._look_up(reference)
        self._targets[reference] = (
            self._anything() if found is None else self._expand(found[0], found[1], depth + 1)
        )
        return self._targets[reference]

    def _look_up(self, reference: str) -> tuple[object, str] | None:
        if not self._follows or not re.fullmatch(r"#(/[^%]*)?", reference):
            return None
        try:
            place = reference[1:]
            return value_at(self._root, place), pointer(*segments(place))
        except LookupError:
            return None

    def _both(self, factors: list[list[Shape]]) -> list[Shape]:
        """Every way to fit all of the factors."""
        found = [ANYTHING]
        for factor in factors:
            if factor and not self._effort.spend(len(found) * len(factor)):
                self.complete = False
                continue
            joined = {
                shape.key: shape for one in found for two in factor if (shape := one & two).kinds
            }
            if len(joined) <= max(_MOST_COMBINATIONS, len(found), len(factor)):
                found = list(joined.values())
            else:
                self.complete = False
        return found

    def _either(self, alternatives: list[list[Shape]]) -> list[Shape]:
        found = {shape.key: shape for shapes in alternatives for shape in shapes}
        if len(found) > _MOST_ALTERNATIVES:
            return self._anything()
        return [ANYTHING] if ANYTHING.key in found else list(found.values())

    def _anything(self) -> list[Shape]:
        self.complete = False
        return [ANYTHING]


def _draft(root: dict[str, object]) -> int | None:
    uri = root.get("$schema")
    if uri is None:
        return None
    match = _DRAFT.fullmatch(uri) if isinstance(uri, str) else None
    if match is None:
        raise ContractError(
            f"the schema names the dialect {str(uri)[:100]!r}, which is not known; use "
            '"$schema": "https://json-schema.org/draft/2020-12/schema"'
        )
    return int(match[1] or match[2][:4])


def _has_one_base(root: dict[str, object], keyword: str) -> bool:
    """Tell whether ``#`` means the root everywhere: no schema inside has a URI of its own."""
    inside = objects_in(list(root.values()))
    return not any(isinstance(value.get(keyword), str) for value in inside)
