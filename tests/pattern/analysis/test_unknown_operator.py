"""An operator that analyses do not know leaves every answer open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from eventroute.pattern.analysis.effort import Effort
from eventroute.pattern.analysis.leaf_sets import apart, within
from eventroute.pattern.analysis.schema.document import SchemaDocument
from eventroute.pattern.analysis.schema.leaves import all_pass, may_pass
from eventroute.pattern.operators import CIDR, AnythingBut, Exists, Number, Prefix, Range, Text

if TYPE_CHECKING:
    from eventroute.pattern.json_values import JSON, Scalar
    from eventroute.pattern.operators import Matcher


@dataclass(frozen=True, slots=True)
class Short:
    """A leaf of one character or digit."""

    operator: ClassVar[str] = "short"

    def matches(self, value: Scalar) -> bool:
        return len(str(value)) == 1

    def why_not(self, value: Scalar) -> str:
        return f"{value} is long"

    def to_json(self) -> JSON:
        return {"short": True}


OTHERS: list[Matcher] = [
    Prefix(""),
    AnythingBut((Text("ab"),)),
    Range(None, False, None, False),
    CIDR(4, 0, 0, "0.0.0.0/0"),
]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_it_is_neither_within_nor_apart_unless_a_single_leaf_tells(other: Matcher) -> None:
    assert not within(Short(), other) or isinstance(other, AnythingBut)
    assert not within(other, Short())
    assert not apart(Short(), other)
    assert within(Number(5), Short())
    assert within(Short(), Exists(present=True))


@pytest.mark.parametrize("kind", ["string", "number", "boolean", "null"])
def test_it_may_pass_whatever_it_accepts(kind: str) -> None:
    schema = {"properties": {"a": {"type": kind}}}
    document = SchemaDocument(schema, Effort(1000))
    (shape,) = document.shapes([(schema["properties"]["a"], "/a")])
    assert may_pass(Short(), shape) == (kind in ("string", "number"))
    assert not all_pass([Short()], shape)
