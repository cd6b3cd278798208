"""Contracts that were proven to be JSON Schemas, each once, whoever refers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.registry.bundling import bundled
from eventroute.registry.validation import Checker, refuse_invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventroute.contract import Contract
    from eventroute.registry.bundling import Lookup
    from eventroute.registry.dialect import Dialect

__all__ = ["Proven"]

_Key = tuple[str, str, int]


class Proven:
    """Finds only contracts that are valid.

    To prove a contract with all that it draws in costs as much as all of these, and others draw
    them in, too.

    :param registry: where they are.
    :param where: what messages call a contract, such as its file.
    """

    def __init__(self, registry: Lookup, where: Callable[[Contract], str]) -> None:
        self._registry: Final = registry
        self._where: Final = where
        self._known: Final[dict[_Key, tuple[Mapping[str, object], Dialect]]] = {}

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """See :class:`~eventroute.registry.bundling.Lookup`.

        :raises ContractError: it is not valid.
        """
        contract = self._registry.get(topic, type, version)
        self._dialect(contract)
        return contract

    def checker(self, contract: Contract, *, fast: bool = True) -> Checker:
        """What checks details against a contract, with what it refers to.

        :param fast: as for `Checker`.
        :raises ContractError: the contract, or one that it refers to, cannot be used.
        """
        dialect = self._dialect(contract)
        schema = bundled(contract, self)
        where = self._where(contract)
        return Checker(schema, str(contract), where, fast=fast, proven=dialect)

    def _dialect(self, contract: Contract) -> Dialect:
        key = contract.topic, contract.type, contract.version
        schema, dialect = self._known.get(key, (None, None))
        if dialect is None or schema is not contract.schema:
            dialect = refuse_invalid(contract.schema, self._where(contract))
            self._known[key] = contract.schema, dialect
        return dialect
