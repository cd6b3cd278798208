"""Contracts that are registered at once, so that they may refer to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.contract import schema_text
from eventroute.errors import ContractConflictError
from eventroute.registry.contract import as_contract
from eventroute.registry.sameness import SECONDS, same_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from eventroute.contract import Contract
    from eventroute.event_type import EventType
    from eventroute.registry.bundling import Lookup

__all__ = ["Key", "Together", "gathered"]

Key = tuple[str, str, int]


def gathered(
    sources: Iterable[Contract | EventType | type[BaseModel]], *, seconds: float = SECONDS
) -> dict[Key, Contract]:
    """The contract of each source, by topic, type and version; the first of those that are one.

    :param seconds: how long the proof may take that two of them are one.
    :raises ContractConflictError: two of them are one version with two schemas.
    """
    found: dict[Key, Contract] = {}
    for contract in map(as_contract, sources):
        key = (contract.topic, contract.type, contract.version)
        known = found.setdefault(key, contract)
        if (
            known is not contract
            and schema_text(known) != schema_text(contract)
            and not same_events(known.schema, contract.schema, seconds=seconds)
        ):
            raise ContractConflictError(
                f"{contract} is given with two schemas; raise the version of one of them"
            )
    return found


class Together:
    """Finds contracts among those that are new, then in the registry."""

    def __init__(self, new: Mapping[Key, Contract], registry: Lookup) -> None:
        self._new = new
        self._registry = registry

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """See :class:`~eventroute.registry.bundling.Lookup`."""
        return self._new.get((topic, type, version)) or self._registry.get(topic, type, version)
