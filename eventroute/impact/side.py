"""One of the two contracts of a change, asked what its events are like."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from eventroute.errors import ContractViolationError
from eventroute.pattern.analysis import (
    DETAIL_POINTER,
    Field,
    Fields,
    Verdict,
    check_against_schema,
    detail_schema,
)
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern import Pattern
    from eventroute.pattern.analysis import Finding
    from eventroute.registry import Contract

__all__ = ["Side", "in_detail", "of_details"]


class Side:
    """A contract, in the forms in which it is asked.

    :raises ContractError: its schema cannot be used.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._checker = Checker(contract.schema, str(contract))
        self._events = detail_schema(
            contract.schema, source=contract.topic, detail_type=contract.type
        )

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self._events)

    @property
    def allows_events(self) -> bool:
        """Whether some event may fit it; ``False`` is certain."""
        return bool(self._fields.member(["detail"]).kinds)

    @cached_property
    def schema(self) -> Mapping[str, object]:
        """The schema of its details alone."""
        return of_details(self.contract).schema

    def findings(self, pattern: Pattern) -> list[Finding]:
        """What is certain of a pattern; pointers into the schema begin where the contract does."""
        found = check_against_schema(pattern, self._events)
        return [replace(one, schema_pointer=in_detail(one.schema_pointer)) for one in found]

    def excludes(self, pattern: Pattern) -> bool:
        """Whether it is certain that no event of it matches."""
        never = (one.verdict is Verdict.NEVER for one in self.findings(pattern) if not one.pointer)
        return not self.allows_events or any(never)

    def tested(self, path: str) -> Field:
        """A field as a rule tests it."""
        return self._fields.tested(path.split("."))

    def member(self, path: str) -> Field:
        """A field of the detail as a dotted path leads to it."""
        return self._fields.member(["detail", *path.split(".")])

    def fits(self, detail: Mapping[str, object]) -> bool:
        """Whether an event with this detail fits the contract."""
        try:
            self._checker.check(detail)
        except ContractViolationError:
            return False
        return True


def of_details(contract: Contract) -> Contract:
    """The contract without values that are no object, where it allows them: no detail is one."""
    kind = contract.schema.get("type")
    if kind is None or (isinstance(kind, list) and "object" in kind):
        return replace(contract, schema={**contract.schema, "type": "object"})
    return contract


def in_detail(pointer: str | None) -> str | None:
    """A pointer into the schema of whole events as one into that of the detail."""
    if pointer is None or not pointer.startswith(DETAIL_POINTER):
        return None  # it is the envelope that decides
    return pointer.removeprefix(DETAIL_POINTER)
