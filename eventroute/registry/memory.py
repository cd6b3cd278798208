"""A registry that lives in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.contract import Contract, schema_text
from eventroute.errors import ContractConflictError
from eventroute.registry.contract import as_contract
from eventroute.registry.lookup import Index, choose_version
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.event_type import EventType

__all__ = ["MemoryRegistry"]


class MemoryRegistry:
    """Contracts in memory, for tests and for applications that bring theirs in code.

    :param contracts: what to register at once.
    """

    def __init__(self, contracts: Iterable[Contract | EventType | type[BaseModel]] = ()) -> None:
        self._contracts: dict[tuple[str, str, int], Contract] = {}
        self._checkers: dict[tuple[str, str, int], Checker] = {}
        self._index: Index = {}
        for contract in contracts:
            self.register(contract)

    def register(self, source: Contract | EventType | type[BaseModel]) -> Contract:
        """Add a contract; adding the same again changes nothing.

        :raises ContractConflictError: the version has another schema already.
        :raises ContractError: the schema cannot be used.
        """
        contract = as_contract(source)
        key = (contract.topic, contract.type, contract.version)
        known = self._contracts.get(key)
        if known is not None:
            if schema_text(known) != schema_text(contract):
                raise ContractConflictError(
                    f"{contract} is registered with another schema; raise the version"
                )
            return known
        self._checkers[key] = Checker(contract.schema, str(contract))
        self._contracts[key] = contract
        versions = self._index.get(key[:2], ())
        self._index[key[:2]] = tuple(sorted((*versions, contract.version)))
        return contract

    def versions(self, topic: str, type: str) -> tuple[int, ...]:  # noqa: A002
        """See :class:`~eventroute.registry.Registry`."""
        return self._index.get((topic, type), ())

    def get(self, topic: str, type: str, version: int | None = None) -> Contract:  # noqa: A002
        """See :class:`~eventroute.registry.Registry`."""
        chosen = choose_version(self._index, topic, type, version, "memory")
        return self._contracts[topic, type, chosen]

    def __iter__(self) -> Iterator[Contract]:
        """Every contract, by topic, type and version."""
        return (self._contracts[key] for key in sorted(self._contracts))

    def validate(self, event: Event, version: int | None = None) -> None:
        """See :class:`~eventroute.registry.Registry`."""
        contract = self.get(event.source, event.detail_type, version)
        checker = self._checkers[contract.topic, contract.type, contract.version]
        checker.check(event.detail)
