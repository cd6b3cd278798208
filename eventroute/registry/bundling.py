"""One self-contained schema of a contract that refers to others.

What is referred to is copied into ``$defs``, once, and references lead there. Nothing is ever
fetched: a contract refers to others of its registry, by their addresses, and to nothing else.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote

from eventroute.dialects.keywords import map_subschemas
from eventroute.errors import ContractError, ContractNotFoundError
from eventroute.jsontext import objects_in, pointer
from eventroute.registry.addresses import Address, parse_address
from eventroute.registry.json_kinds import is_object
from eventroute.registry.moved import MovedContract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract import Contract

__all__ = ["MAX_CONTRACTS", "Lookup", "bundled"]

MAX_CONTRACTS: Final = 1000
"""Most contracts that one contract may draw in."""

_MODERN: Final = ("draft/2019-09/", "draft/2020-12/")
_Key = tuple[str, str, int]


class Lookup(Protocol):
    """Where other contracts are found, such as a :class:`~eventroute.registry.Registry`."""

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """One contract.

        :raises ContractNotFoundError: there is none.
        """
        ...


def bundled(contract: Contract, registry: Lookup) -> Mapping[str, object]:
    """Return the contract's schema with all that it refers to inside.

    A schema that refers to no other contract is returned as it is. Contracts may refer to each
    other in a circle.

    :param registry: the one that the contract is from.
    :raises ContractError: a reference leads to no contract of the registry, or to no place in it;
        or contracts of two drafts refer to each other, or to more than 1,000 others.
    """
    if not _leads_out(contract.schema):
        return contract.schema
    try:
        return _Bundle(contract, registry).schema()
    except RecursionError:
        raise ContractError(
            f"the contract {contract} is nested too deeply for a JSON Schema"
        ) from None


def _leads_out(schema: Mapping[str, object]) -> bool:
    references = (part.get("$ref") for part in objects_in(schema))
    return any(isinstance(one, str) and not one.startswith("#") for one in references)


class _Bundle:
    def __init__(self, contract: Contract, registry: Lookup) -> None:
        self._registry = registry
        self._root = MovedContract(contract, "")
        self._container = "$defs" if _is_modern(self._root.dialect) else "definitions"
        existing = contract.schema.get(self._container)
        self._names: set[str] = set(existing) if is_object(existing) else set()
        self._documents: dict[_Key, MovedContract] = {_key(contract): self._root}
        self._queue: deque[tuple[str, MovedContract]] = deque()

    def schema(self) -> dict[str, Any]:
        """The whole."""
        result: dict[str, Any] = self._rewritten(self._root.schema, self._root, (), based=False)
        inner: dict[str, Any] = {}
        while self._queue:
            name, document = self._queue.popleft()
            # Of what refers by the document's own base nothing may be left, for it loses that.
            based = document.new_base(document.schema)
            inner[name] = self._rewritten(document.schema, document, (), based=based)
        if inner:
            known = result.get(self._container)
            result[self._container] = (known if is_object(known) else {}) | inner
        return result

    def _rewritten(
        self,
        schema: object,
        document: MovedContract,
        way: tuple[str | int, ...],
        *,
        based: bool,
    ) -> Any:  # noqa: ANN401  a schema
        if not is_object(schema):
            return schema
        if document is not self._root:
            schema = document.movable(schema, way, self._root.contract)
        else:
            based = based or document.new_base(schema)
        copy = map_subschemas(
            schema, lambda one, step: self._rewritten(one, document, (*way, *step), based=based)
        )
        reference = schema.get("$ref")
        if isinstance(reference, str):
            copy["$ref"] = self._target(reference, document, way, based=based)
        return copy

    def _target(
        self, reference: str, document: MovedContract, way: tuple[str | int, ...], *, based: bool
    ) -> str:
        place = f"{document.where}, at {pointer(*way) or 'its top'}: the $ref {reference[:200]!r}"
        if reference.startswith("#"):
            if document is self._root:
                return reference  # which is checked when the whole is
            return document.reference_to(unquote(reference[1:]), place)
        if based and document is self._root:
            return reference  # perhaps to a part of the same document that has an $id
        if based:
            raise ContractError(
                f"{place} means a place beside its {document.id_keyword}, and nothing is fetched; "
                f"remove the {document.id_keyword}"
            )
        address = parse_address(reference)
        if address is None:
            raise ContractError(
                f"{place} leads out of the registry, and nothing is fetched; refer to another "
                'contract as "/TOPIC/TYPE/VERSION", percent-encoded, or copy what it means into '
                f'"{self._container}" and refer to it as "#/{self._container}/NAME"'
            )
        return self._drawn_in(address, place).reference_to(address.fragment, place)

    def _drawn_in(self, address: Address, place: str) -> MovedContract:
        key = address.topic, address.type, address.version
        if key in self._documents:
            return self._documents[key]
        try:
            contract = self._registry.get(*key)
        except ContractNotFoundError as error:
            raise ContractError(f"{place} leads to no contract: {error}") from None
        if len(self._documents) >= MAX_CONTRACTS:
            raise ContractError(
                f"{place} is one too many: {self._root.contract} draws in more than "
                f"{MAX_CONTRACTS:,} contracts; put definitions that belong together into one"
            )
        name = self._free_name(contract)
        document = MovedContract(contract, f"/{self._container}/{name}")
        if document.dialect != self._root.dialect:
            raise ContractError(
                f"{place} leads to a contract in the dialect {document.dialect!r}, but "
                f"{self._root.contract} is in {self._root.dialect!r}; write both in one"
            )
        self._documents[key] = document
        self._queue.append((name, document))
        return document

    def _free_name(self, contract: Contract) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", f"{contract.type}.{contract.version}")
        name, count = plain, 1
        while name in self._names:
            count += 1
            name = f"{plain}_{count}"
        self._names.add(name)
        return name


def _is_modern(dialect: str) -> bool:
    return any(draft in dialect for draft in _MODERN)


def _key(contract: Contract) -> _Key:
    return contract.topic, contract.type, contract.version
