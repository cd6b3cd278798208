"""A registry that lives in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.contract import Contract, schema_text
from eventroute.errors import ContractConflictError
from eventroute.registry.bundling import bundled
from eventroute.registry.lookup import Index, choose_version
from eventroute.registry.proven import Proven
from eventroute.registry.sameness import same_events
from eventroute.registry.together import Together, gathered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.event_type import EventType
    from eventroute.registry.validation import Checker

__all__ = ["MemoryRegistry"]


class MemoryRegistry:
    """Contracts in memory, for tests and for applications that bring theirs in code.

    :param contracts: what to register at once.
    """

    def __init__(self, contracts: Iterable[Contract | EventType | type[BaseModel]] = ()) -> None:
        self._contracts: dict[tuple[str, str, int], Contract] = {}
        self._checkers: dict[tuple[str, str, int], Checker] = {}
        self._index: Index = {}
        self.register_all(contracts)

    def register(self, source: Contract | EventType | type[BaseModel]) -> Contract:
        """Add a contract.

        Where the version has a schema that the same events fit, that stays as it is.

        :returns: what is registered now.
        :raises ContractConflictError: the version has another schema already.
        :raises ContractError: the schema cannot be used.
        """
        return self.register_all([source])[0]

    def register_all(
        self, sources: Iterable[Contract | EventType | type[BaseModel]]
    ) -> list[Contract]:
        """Add contracts that may refer to each other: all of them, or none where one is refused.

        :raises ContractConflictError: a version has another schema already.
        :raises ContractError: a schema cannot be used.
        """
        new = gathered(sources)
        together = Together(new, self)
        for key, contract in new.items():
            known = self._contracts.get(key)
            if known is None or schema_text(known) == schema_text(contract):
                continue
            if not same_events(bundled(known, together), bundled(contract, together)):
                raise ContractConflictError(
                    f"{contract} is registered with another schema; raise the version"
                )
        proven = Proven(together, "the contract {}".format)
        checkers = {
            key: proven.checker(contract)
            for key, contract in new.items()
            if key not in self._contracts
        }
        for key, checker in checkers.items():
            self._checkers[key] = checker
            self._contracts[key] = new[key]
            versions = self._index.get(key[:2], ())
            self._index[key[:2]] = tuple(sorted((*versions, key[2])))
        return [self._contracts[key] for key in new]

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
