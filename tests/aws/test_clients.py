"""What the clients of AWS check, and what they say of themselves."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from botocore.exceptions import ParamValidationError

from eventroute.backend_options import read_table
from eventroute_aws.clients import Clients
from eventroute_aws.options import AwsOptions
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy

REGION = "us-east-1"
NOWHERE = "http://127.0.0.1:9"


@asynccontextmanager
async def clients_at(url: str, account: str) -> AsyncGenerator[Clients]:
    given = {"endpoint_url": url, "region": REGION, "account": account}
    clients = Clients(read_table(AwsOptions, "aws", given))
    await clients.open()
    try:
        yield clients
    finally:
        await clients.close()


async def said(emulator: Emulator, account: str) -> list[str]:
    """The user agents of a client that publishes, and of one that does not."""
    async with Proxy(emulator.url) as proxy, clients_at(proxy.url, account) as clients:
        await (await clients.publishing_to_topics()).list_topics()
        await (await clients.sqs()).list_queues()
        return [request.headers["user-agent"] for request in proxy.log]


async def test_every_client_says_that_it_is_eventroutes(lenient: Emulator, account: str) -> None:
    agents = await said(lenient, account)
    assert len(agents) == 2
    for agent in agents:
        assert agent.startswith("aiobotocore/")
        assert "lib/eventroute" in agent.split()


async def test_every_client_says_the_name_that_the_application_has_for_aws(
    lenient: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "shop")
    assert all("app/shop" in agent.split() for agent in await said(lenient, account))


async def test_what_sets_things_up_is_checked_before_it_is_sent(account: str) -> None:
    async with clients_at(NOWHERE, account) as clients:
        with pytest.raises(ParamValidationError):
            await (await clients.events()).create_event_bus(Name="")
        with pytest.raises(ParamValidationError):
            await (await clients.sns()).create_topic(Name=7)  # type: ignore[arg-type]  # on purpose


async def test_clients_of_one_service_are_made_once_for_each_use(account: str) -> None:
    async with clients_at(NOWHERE, account) as clients:
        assert await clients.sns() is await clients.sns()
        assert await clients.publishing_to_topics() is await clients.publishing_to_topics()
        assert await clients.publishing_to_topics() is not await clients.sns()
        assert await clients.polls() is not await clients.sqs()
