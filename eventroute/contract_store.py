"""What a store of contracts is that others read, too, such as an EventBridge schema registry.

A registry is what an application goes by; a store is a copy elsewhere, to which contracts are
pushed, and from which those of others are pulled. A package offers one by an entry point in the
group ``eventroute.contract_stores``, which names a :class:`ContractStoreFactory`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract import Contract

__all__ = ["ContractStore", "ContractStoreFactory", "Skipped", "Stored"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a store that is no contract.

    :ivar name: as the store calls it.
    :ivar reason: why it cannot be read as one, in a sentence.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store holds.

    :ivar contracts: by topic, type and version; each once.
    :ivar skipped: the rest, which stays as it is.
    """

    contracts: tuple[Contract, ...]
    skipped: tuple[Skipped, ...] = ()


class ContractStore(Protocol):
    """A store. All methods run in one event loop; they may run concurrently.

    Nothing in it is ever changed or removed. Every method repeats what the store asks to repeat.
    It raises :class:`~eventroute.errors.AdapterError` when it fails in a way that a later call may
    not, and :class:`~eventroute.errors.AccessDeniedError` when this process lacks a right.
    """

    @property
    def title(self) -> str:
        """How people know it, such as ``"the EventBridge registry shop"``."""
        ...

    async def open(self) -> None:
        """Get ready; it asks and changes nothing. Idempotent.

        :raises UnsupportedError: the event loop is of a kind that the store cannot use.
        """
        ...

    async def close(self) -> None:
        """Disconnect. Idempotent."""
        ...

    async def list(self, topic: str | None = None) -> Stored:
        """Everything in it.

        :param topic: only contracts of this one.
        :raises ContractNotFoundError: the store itself is not there.
        """
        ...

    async def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """One contract, as it was put.

        :raises ContractNotFoundError: it is not there, or the store itself is not.
        """
        ...

    async def put(self, contract: Contract, whole: Mapping[str, object]) -> bool:
        """Add a contract; the same again changes nothing. Versions come in ascending order.

        After it returns, :meth:`get` gives an equal contract: topic, type, version and schema.

        :param whole: its schema with everything inside that it refers to in other contracts, for
            those who read the store without eventroute.
        :returns: whether it was added; ``False`` where it was there.
        :raises ContractConflictError: the version is there with another schema, a later version
            is there already, or something else has its place.
        :raises LimitExceededError: it is too large for the store, or a quota is used up.
        :raises ConfigurationError: the store is not there, and the options keep it from being made.
        """
        ...


class ContractStoreFactory(Protocol):
    """What an entry point in ``eventroute.contract_stores`` names. It does no I/O."""

    def __call__(self, options: Mapping[str, object]) -> ContractStore:
        """Make a store.

        :param options: its own table of ``eventroute.toml``: ``[registry.NAME]``.
        :raises ConfigurationError: an option is unknown or has a wrong value.
        """
        ...
