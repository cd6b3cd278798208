"""One session, and the clients that everything shares."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError, NoCredentialsError

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute_aws.failures import translate

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_scheduler import EventBridgeSchedulerClient
    from types_aiobotocore_schemas import SchemasClient
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sqs import SQSClient

    from eventroute_aws.options import AwsOptions

__all__ = ["Clients"]

_POLLS: Final = 10_000
"""A poll occupies a connection while it waits, so their number is that of the subscriptions."""


class _Use(Enum):
    ALL = auto()
    POLLS = auto()
    PUBLISHING = auto()


class Clients:
    """Clients of AWS, open from :meth:`open` to :meth:`close`. Each is made when first needed.

    Credentials that are missing are looked for again by the next call.

    ``polls`` is for receiving alone: polls that wait would keep every other call waiting for a
    connection. Those for publishing do not check what they are given, which is right as it is made:
    that would be a tenth of what a request costs. Calls are tried once; see
    :mod:`eventroute_aws.failures`.
    """

    def __init__(self, options: AwsOptions) -> None:
        self._options = options
        self._stack: AsyncExitStack | None = None
        self._session: AioSession | None = None
        self._clients: dict[tuple[str, _Use], Any] = {}
        self._account = options.account
        self._lock = anyio.Lock()

    @property
    def options(self) -> AwsOptions:
        """What they were made of."""
        return self._options

    async def open(self) -> None:
        """Make the session. Idempotent.

        :raises UnsupportedError: the event loop is not asyncio's.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise UnsupportedError(
                "the AWS backends run on asyncio, because aiobotocore does; start the bus with "
                "asyncio.run or anyio.run(..., backend='asyncio'), or `eventroute run`"
            ) from None
        if self._stack is None:
            self._lock = anyio.Lock()
            self._stack = AsyncExitStack()
            self._session = AioSession(profile=self._options.profile)

    async def close(self) -> None:
        """Close every client. Idempotent."""
        stack, self._stack, self._session = self._stack, None, None
        self._clients = {}
        if stack is not None:
            await stack.aclose()

    async def sns(self) -> SNSClient:
        """For topics."""
        return cast("SNSClient", await self._client("sns"))

    async def sqs(self) -> SQSClient:
        """For queues, and for everything about messages but receiving."""
        return cast("SQSClient", await self._client("sqs"))

    async def polls(self) -> SQSClient:
        """For receiving."""
        return cast("SQSClient", await self._client("sqs", _Use.POLLS))

    async def events(self) -> EventBridgeClient:
        """For event buses and their rules."""
        return cast("EventBridgeClient", await self._client("events"))

    async def publishing_to_topics(self) -> SNSClient:
        """For messages to topics."""
        return cast("SNSClient", await self._client("sns", _Use.PUBLISHING))

    async def publishing_to_buses(self) -> EventBridgeClient:
        """For events to event buses."""
        return cast("EventBridgeClient", await self._client("events", _Use.PUBLISHING))

    async def s3(self) -> S3Client:
        """For payloads that are too large for a message."""
        return cast("S3Client", await self._client("s3"))

    async def scheduler(self) -> EventBridgeSchedulerClient:
        """For schedules, and their groups."""
        return cast("EventBridgeSchedulerClient", await self._client("scheduler"))

    async def schemas(self) -> SchemasClient:
        """For schema registries."""
        return cast("SchemasClient", await self._client("schemas"))

    async def region(self) -> str:
        """The region that the clients speak to."""
        return (await self.sqs()).meta.region_name

    async def account(self) -> str:
        """The account of the credentials, or the one that the options name."""
        if self._account is None:
            client = await self._client("sts")
            try:
                answer = await client.get_caller_identity()
            except Exception as error:
                raise translate(error, "asking STS for the account") from error
            self._account = str(answer["Account"])
        return self._account

    async def _client(self, service: str, use: _Use = _Use.ALL) -> Any:  # noqa: ANN401
        name = service, use
        client = self._clients.get(name)
        if client is not None:
            return client
        async with self._lock:
            if name in self._clients:
                return self._clients[name]
            stack, session = self._stack, self._session
            if stack is None or session is None:
                raise UnsupportedError("the AWS backend is used before it was opened")
            options = self._options
            polls = use is _Use.POLLS
            try:
                await _find_credentials(session)
                config = AioConfig(
                    connect_timeout=options.connect_timeout,
                    read_timeout=options.read_timeout + (options.poll_wait if polls else 0),
                    max_pool_connections=_POLLS if polls else options.connections,
                    retries={"mode": "standard", "total_max_attempts": 1},
                    tcp_keepalive=True,
                    user_agent=_user_agent(session),
                    parameter_validation=use is not _Use.PUBLISHING,
                    warm_up_loader_caches=True,  # its data files are read beside the event loop
                )
                client = await stack.enter_async_context(
                    session.create_client(
                        service,  # type: ignore[call-overload]  # one of those that are typed above
                        region_name=options.region,
                        endpoint_url=options.endpoint_url,
                        config=config,
                    )
                )
            except Exception as error:
                if self._session is session:  # it remembers files as they were
                    self._session = AioSession(profile=options.profile)
                doing = f"making a client for {service}"
                if isinstance(error, ValueError) and not isinstance(error, BotoCoreError):
                    raise ConfigurationError(
                        f"{doing}: {error}; correct endpoint_url in the backend's table, such as "
                        "http://localhost:4566, or leave it out"
                    ) from error
                raise translate(error, doing) from error
            self._clients[name] = client
            return client


async def _find_credentials(session: AioSession) -> None:
    """See to it that there are some: botocore would bind a client to their lack for good."""
    if await session.get_credentials() is None:
        raise NoCredentialsError


def _user_agent(session: AioSession) -> str:
    """What botocore would otherwise put together twice a request, from a dozen parts."""
    agent = f"{session.user_agent_name}/{session.user_agent_version} lib/eventroute"
    application = session.get_config_variable("user_agent_appid")
    return f"{agent} app/{application}" if application else agent
