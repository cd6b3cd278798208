"""Contracts in a schema registry of EventBridge.

EventBridge counts the versions of a schema itself, and takes documents of OpenAPI 3 and of
draft-04 alone. So a document holds the contract's own number and schema as well, word for word.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.contract import Contract, schema_text
from eventroute.contract_store import Skipped
from eventroute.dialects import event_document
from eventroute.errors import (
    ConfigurationError,
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
    LimitExceededError,
)
from eventroute_aws.schemas.names import prefix_of, schema_name
from eventroute_aws.schemas.reading import collected, read_version
from eventroute_aws.schemas.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.contract_store import Stored
    from eventroute_aws.calls import Calls
    from eventroute_aws.schemas.options import SchemaRegistryOptions

__all__ = ["MAX_CONTENT", "SchemaRegistry"]

MAX_CONTENT: Final = 100_000
"""Most characters of a document.

https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html
"""


class SchemaRegistry:
    """See :class:`~eventroute.contract_store.ContractStore`.

    :param calls: how calls are repeated.
    """

    def __init__(self, options: SchemaRegistryOptions, calls: Calls | None = None) -> None:
        self._options = options
        self._service = Service(options, calls)
        self._turn = anyio.Lock()

    @property
    def title(self) -> str:
        """How people know it."""
        return self._service.title

    async def open(self) -> None:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        await self._service.open()

    async def close(self) -> None:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        await self._service.close()

    async def list(self, topic: str | None = None) -> Stored:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        service = self._service
        names = await service.names(None if topic is None else prefix_of(topic))
        found = await service.calls.each(names, self._versions)
        return collected((one for versions in found for one in versions or ()), topic)

    async def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """See :class:`~eventroute.contract_store.ContractStore`."""
        named = await self._versions(schema_name(topic, type))
        stored = collected(named or (), topic).contracts
        wanted = (topic, type, version)
        if not any((one.topic, one.type, one.version) == wanted for one in stored):
            stored = (await self.list(topic)).contracts  # AWS may have named it otherwise
        for one in stored:
            if (one.topic, one.type, one.version) == wanted:
                return one
        there = ", ".join(str(one) for one in stored[:5]) or "none"
        raise ContractNotFoundError(
            f"{self.title} has no contract {topic}/{type}/{version}; of this topic it has {there}"
        )

    async def put(self, contract: Contract, whole: Mapping[str, object]) -> bool:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        content = self._content(contract, whole)
        async with self._turn:
            await self._service.provision()
            name, description = schema_name(contract.topic, contract.type), str(contract)[:256]
            versions = await self._versions(name)
            if versions is None:
                if await self._service.create(name, content, description):
                    return True
                versions = await self._versions(name) or ()  # another process was faster
            if _is_there(contract, versions, f"the schema {name!r} in {self.title}"):
                return False
            await self._service.add(name, content, description)
            return True

    def _content(self, contract: Contract, whole: Mapping[str, object]) -> str:
        if self._options.registry.startswith("aws."):
            raise ConfigurationError(
                f"{self.title} belongs to AWS, and nothing can be pushed to it; set registry in "
                "[registry.eventbridge] to another name"
            )
        document = event_document(contract, self._options.format, whole=whole, original=True)
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if len(content) > MAX_CONTENT:
            raise LimitExceededError(
                f"the document of {contract} has {len(content):,} characters, and EventBridge "
                f"takes {MAX_CONTENT:,}; leave descriptions out, or split the event type"
            )
        again = read_version("the document", "1", content)
        if again != contract:
            reason = again.reason if isinstance(again, Skipped) else "it would change on its way"
            raise ContractError(f"{contract} cannot be kept in {self.title}: {reason}")
        return content

    async def _versions(self, name: str) -> Sequence[Contract | Skipped] | None:
        """Every version of a schema, in EventBridge's order; ``None`` where there is none."""
        numbers = await self._service.numbers(name)
        if numbers is None:
            return None
        found: list[Contract | Skipped] = []
        for number in numbers:
            content = await self._service.content(name, number)
            if content is not None:
                found.append(read_version(name, number, content))
        return found


def _is_there(contract: Contract, versions: Sequence[Contract | Skipped], where: str) -> bool:
    """Whether the same contract is among the versions.

    :raises ContractConflictError: there is no place for it.
    """
    known = [one for one in versions if isinstance(one, Contract)]
    for one in known:
        if (one.topic, one.type) != (contract.topic, contract.type):
            raise ContractConflictError(
                f"{where} is that of {one.topic}/{one.type}, not of {contract.topic}/"
                f"{contract.type}; delete it in AWS, or push to another registry"
            )
    for one in known:
        if one.version == contract.version:
            if schema_text(one) == schema_text(contract):
                return True
            raise ContractConflictError(
                f"{where} holds another schema for {contract}, and what was sent under it stays; "
                "raise the version"
            )
    latest = max((one.version for one in known), default=0)
    if latest > contract.version:
        raise ContractConflictError(
            f"{where} holds version {latest} already, and its newest must stay the latest; "
            f"{contract} comes too late"
        )
    return False
