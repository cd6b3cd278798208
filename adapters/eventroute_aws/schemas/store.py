"""Contracts in a schema registry of EventBridge.

EventBridge counts the versions of a schema itself, and takes documents of OpenAPI 3 and of
draft-04 alone. So a document holds the contract's own number and schema as well, word for word.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

import anyio
from botocore.exceptions import ClientError

from eventroute.contract import Contract, schema_text
from eventroute.contract_store import Skipped
from eventroute.dialects import event_document
from eventroute.errors import (
    AccessDeniedError,
    ConfigurationError,
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
    LimitExceededError,
)
from eventroute_aws.calls import Calls
from eventroute_aws.clients import Clients
from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.options import AwsOptions
from eventroute_aws.schemas.names import prefix_of, schema_name
from eventroute_aws.schemas.reading import collected, read_version

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from types_aiobotocore_schemas import SchemasClient

    from eventroute.contract_store import Stored
    from eventroute_aws.schemas.options import SchemaRegistryOptions

__all__ = ["MAX_CONTENT", "SchemaRegistry"]

MAX_CONTENT: Final = 100_000
"""Most characters of a document.

https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html
"""

_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedException"}
)
_PAGE: Final = 100
_Result = TypeVar("_Result")


class SchemaRegistry:
    """See :class:`~eventroute.contract_store.ContractStore`.

    :param calls: how calls are repeated.
    """

    def __init__(self, options: SchemaRegistryOptions, calls: Calls | None = None) -> None:
        self._options = options
        self._calls = calls or Calls()
        self._provisioned = False
        self._turn = anyio.Lock()
        self._clients = Clients(
            AwsOptions(
                region=options.region,
                profile=options.profile,
                endpoint_url=options.endpoint_url,
                connect_timeout=options.connect_timeout,
                read_timeout=options.read_timeout,
            )
        )

    @property
    def title(self) -> str:
        """How people know it."""
        return f"the EventBridge registry {self._options.registry!r}"

    async def open(self) -> None:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        await self._clients.open()

    async def close(self) -> None:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        await self._clients.close()

    async def list(self, topic: str | None = None) -> Stored:
        """See :class:`~eventroute.contract_store.ContractStore`."""
        client = await self._client()
        names: list[str] = []
        request: dict[str, Any] = {"RegistryName": self._options.registry, "Limit": _PAGE}
        prefix = None if topic is None else prefix_of(topic)
        if prefix is not None:
            request["SchemaNamePrefix"] = prefix
        while True:
            page = await self._call(
                f"listing the schemas of {self.title}", lambda: client.list_schemas(**request)
            )
            if page is None:
                raise ContractNotFoundError(self._not_there())
            names += [one.get("SchemaName", "") for one in page.get("Schemas", ())]
            token = page.get("NextToken")
            if not token:
                break
            request["NextToken"] = token
        found = await self._calls.each(names, self._versions)
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
            await self._provision()
            name = schema_name(contract.topic, contract.type)
            versions = await self._versions(name)
            if versions is None:
                if await self._created(name, contract, content):
                    return True
                versions = await self._versions(name) or ()  # another process was faster
            if _is_there(contract, versions, f"the schema {name!r} in {self.title}"):
                return False
            client = await self._client()
            token = str(uuid4())  # the same for each attempt, so that it is added once
            await self._call(
                f"adding a version to the schema {name!r} of {self.title}",
                lambda: client.update_schema(
                    ClientTokenId=token,
                    RegistryName=self._options.registry,
                    SchemaName=name,
                    Type=self._options.format,
                    Content=content,
                    Description=_description(contract),
                ),
                must_exist=True,
            )
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

    async def _client(self) -> SchemasClient:
        try:
            return await self._clients.schemas()
        except ConfigurationError as error:
            place = str(error).replace("the backend's table", "[registry.eventbridge]")
            raise ConfigurationError(place) from error

    async def _provision(self) -> None:
        mode, name = self._options.provision, self._options.registry
        if self._provisioned or mode == "assume":
            return
        client = await self._client()
        there = await self._call(
            f"looking for {self.title}", lambda: client.describe_registry(RegistryName=name)
        )
        if there is None and mode == "validate":
            raise ConfigurationError(
                f'{self._not_there()}, or set provision = "create" in [registry.eventbridge]'
            )
        if there is None:
            await self._call(
                f"creating {self.title}",
                lambda: client.create_registry(RegistryName=name, Tags=self._tags()),
                may_conflict=True,
            )
        self._provisioned = True

    async def _created(self, name: str, contract: Contract, content: str) -> bool:
        client = await self._client()
        made = await self._call(
            f"creating the schema {name!r} in {self.title}",
            lambda: client.create_schema(
                RegistryName=self._options.registry,
                SchemaName=name,
                Type=self._options.format,
                Content=content,
                Description=_description(contract),
                Tags=self._tags(),
            ),
            must_exist=True,
            may_conflict=True,
        )
        return made is not None

    async def _versions(self, name: str) -> Sequence[Contract | Skipped] | None:
        """Every version of a schema, in EventBridge's order; ``None`` where there is none."""
        client = await self._client()
        numbers: list[str] = []
        request: dict[str, Any] = {
            "RegistryName": self._options.registry,
            "SchemaName": name,
            "Limit": _PAGE,
        }
        while True:
            page = await self._call(
                f"listing the versions of the schema {name!r} in {self.title}",
                lambda: client.list_schema_versions(**request),
            )
            if page is None:
                return None
            numbers += [one.get("SchemaVersion", "") for one in page.get("SchemaVersions", ())]
            token = page.get("NextToken")
            if not token:
                break
            request["NextToken"] = token
        numbers.sort(key=lambda number: (len(number), number))
        found = [await self._version(client, name, number) for number in numbers]
        return [one for one in found if one is not None]

    async def _version(
        self, client: SchemasClient, name: str, number: str
    ) -> Contract | Skipped | None:
        answer = await self._call(
            f"reading version {number} of the schema {name!r} in {self.title}",
            lambda: client.describe_schema(
                RegistryName=self._options.registry, SchemaName=name, SchemaVersion=number
            ),
        )
        return None if answer is None else read_version(name, number, answer.get("Content", ""))

    async def _call(
        self,
        doing: str,
        make: Callable[[], Awaitable[_Result]],
        *,
        must_exist: bool = False,
        may_conflict: bool = False,
    ) -> _Result | None:
        """Make a call; ``None`` where what it is about is missing, or was made meanwhile."""
        try:
            return await self._calls.call(doing, make)
        except ClientError as error:
            code = code_of(error)
            if code in MISSING and not must_exist:
                return None
            if code == "ConflictException" and may_conflict:
                return None
            if code in MISSING:
                raise ConfigurationError(f"{doing}: {self._not_there()}") from error
            if code in _DENIED:
                said = error.response.get("Error", {}).get("Message") or code
                raise AccessDeniedError(
                    f"{doing}: AWS refused ({said}); it takes the right "
                    f"schemas:{error.operation_name}"
                ) from error
            raise translate(error, doing) from error

    def _tags(self) -> dict[str, str]:
        return dict(self._options.tags)

    def _not_there(self) -> str:
        return (
            f"{self.title} is not there; correct registry or region in [registry.eventbridge], or "
            "push contracts to it first"
        )


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


def _description(contract: Contract) -> str:
    return f"{contract}"[:256]
