"""What the bus asks of a registry, wherever its contracts are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.contract import Contract
    from eventroute.envelope import Event

__all__ = ["Registry"]


class Registry(Protocol):
    """Versioned contracts. No method touches the network."""

    def versions(self, topic: str, type: str) -> Sequence[int]:  # noqa: A002  the domain's word
        """The registered versions, ascending; empty where the type is unknown."""
        ...

    def get(self, topic: str, type: str, version: int | None = None) -> Contract:  # noqa: A002
        """One contract; the latest where no version is given.

        :raises ContractNotFoundError: naming what exists nearby.
        """
        ...

    def validate(self, event: Event, version: int | None = None) -> None:
        """Check the detail of an event against a contract; the latest where none is given.

        :raises ContractViolationError: with every place that is wrong.
        :raises ContractNotFoundError: the event's type, or that version, is not registered.
        :raises ContractError: the contract itself cannot be used.
        """
        ...
