"""One registry of EventBridge as its API has it: pages, what is missing, and what AWS refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from botocore.exceptions import ClientError

from eventroute.errors import AccessDeniedError, ConfigurationError, ContractNotFoundError
from eventroute_aws.calls import Calls
from eventroute_aws.clients import Clients
from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.options import AwsOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from types_aiobotocore_schemas import SchemasClient

    from eventroute_aws.schemas.options import SchemaRegistryOptions

__all__ = ["Service"]

_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedException"}
)
_PAGE: Final = 100
_Result = TypeVar("_Result")


class Service:
    """Makes the calls.

    :param calls: how they are repeated.
    :ivar title: how people know the registry.
    """

    def __init__(self, options: SchemaRegistryOptions, calls: Calls | None = None) -> None:
        self.title: Final = f"the EventBridge registry {options.registry!r}"
        self.calls: Final = calls or Calls()
        self._options: Final = options
        self._provisioned = False
        self._clients: Final = Clients(
            AwsOptions(
                region=options.region,
                profile=options.profile,
                endpoint_url=options.endpoint_url,
                connect_timeout=options.connect_timeout,
                read_timeout=options.read_timeout,
            )
        )

    async def open(self) -> None:
        """Make ready to call."""
        await self._clients.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._clients.close()

    async def provision(self) -> None:
        """See that the registry is there, as the option ``provision`` says.

        :raises ConfigurationError: it is not there, and is not to be made.
        """
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

    async def names(self, prefix: str | None = None) -> list[str]:
        """The names of all schemas.

        :param prefix: with which they begin.
        :raises ContractNotFoundError: the registry is not there.
        """
        client = await self._client()
        names: list[str] = []
        request: dict[str, Any] = {"RegistryName": self._options.registry, "Limit": _PAGE}
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
                return names
            request["NextToken"] = token

    async def numbers(self, name: str) -> list[str] | None:
        """The numbers of a schema's versions, oldest first; ``None`` where there is none."""
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
                return sorted(numbers, key=lambda number: (len(number), number))
            request["NextToken"] = token

    async def content(self, name: str, number: str) -> str | None:
        """The document of one version; ``None`` where there is none."""
        client = await self._client()
        answer = await self._call(
            f"reading version {number} of the schema {name!r} in {self.title}",
            lambda: client.describe_schema(
                RegistryName=self._options.registry, SchemaName=name, SchemaVersion=number
            ),
        )
        return None if answer is None else answer.get("Content", "")

    async def create(self, name: str, content: str, description: str) -> bool:
        """Make a schema with its first version; ``False`` where there is one by now."""
        client = await self._client()
        made = await self._call(
            f"creating the schema {name!r} in {self.title}",
            lambda: client.create_schema(
                RegistryName=self._options.registry,
                SchemaName=name,
                Type=self._options.format,
                Content=content,
                Description=description,
                Tags=self._tags(),
            ),
            must_exist=True,
            may_conflict=True,
        )
        return made is not None

    async def add(self, name: str, content: str, description: str) -> None:
        """Add a version to a schema."""
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
                Description=description,
            ),
            must_exist=True,
        )

    async def _client(self) -> SchemasClient:
        try:
            return await self._clients.schemas()
        except ConfigurationError as error:
            place = str(error).replace("the backend's table", "[registry.eventbridge]")
            raise ConfigurationError(place) from error

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
            return await self.calls.call(doing, make)
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
