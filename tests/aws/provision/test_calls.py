"""Calls that set things up are repeated where that may help, within bounds."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)

from eventroute.errors import AdapterError, ConfigurationError
from eventroute_aws.calls import Calls, Patience

QUICK = Patience(first=0.001, longest=0.002, whole=0.02, reuse=0.05)


def refused(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Op")


class Service:
    """Fails as it is told, and counts."""

    def __init__(self, *failures: Exception, forever: Exception | None = None) -> None:
        self.failures = list(failures)
        self.forever = forever
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.forever is not None:
            raise self.forever
        return "done"


@pytest.mark.parametrize(
    "failure",
    [
        refused("Throttled", 429),
        refused("RequestThrottled", 403),
        refused("InternalFailure", 500),
        refused("Odd", 503),
        ConnectTimeoutError(endpoint_url="http://aws"),
        ReadTimeoutError(endpoint_url="http://aws"),
        ConnectionResetError(),
    ],
)
async def test_what_may_succeed_later_is_repeated(failure: Exception) -> None:
    service = Service(failure, failure)
    assert await Calls(QUICK).call("asking", service) == "done"
    assert service.calls == 3


async def test_a_refusal_is_final() -> None:
    service = Service(refused("AccessDenied", 403))
    with pytest.raises(ClientError):
        await Calls(QUICK).call("asking", service)
    assert service.calls == 1


async def test_patience_ends() -> None:
    service = Service(forever=refused("Throttled"))
    with pytest.raises(ClientError):
        await Calls(QUICK).call("asking", service)
    assert 10 <= service.calls <= 60


async def test_a_service_that_cannot_be_reached_is_an_adapter_error() -> None:
    service = Service(forever=ConnectTimeoutError(endpoint_url="http://aws"))
    with pytest.raises(AdapterError, match="asking: AWS cannot be reached"):
        await Calls(QUICK).call("asking", service)


async def test_a_queue_name_is_waited_for_until_sqs_gives_it_free() -> None:
    name_is_held = refused("AWS.SimpleQueueService.QueueDeletedRecently")
    patience = Patience(first=0.001, longest=0.001, whole=0.0, reuse=10)
    service = Service(*[name_is_held] * 8)
    assert await Calls(patience).call("creating", service) == "done"


async def test_missing_credentials_are_not_waited_for() -> None:
    service = Service(forever=NoCredentialsError())
    with pytest.raises(ConfigurationError, match="AWS_ACCESS_KEY_ID"):
        await Calls(QUICK).call("asking", service)
    assert service.calls == 1


async def test_results_come_in_the_order_of_the_items() -> None:
    first_may_end = anyio.Event()

    async def work(item: int) -> int:
        if item == 1:
            await first_may_end.wait()
        else:
            first_may_end.set()
        return item * 10

    assert await Calls().each([1, 2], work) == [10, 20]


async def test_one_failure_ends_the_others_and_is_raised_alone() -> None:
    ended: list[int] = []

    async def work(item: int) -> None:
        if item == 2:
            raise AdapterError("no")
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(item)

    with pytest.raises(AdapterError, match="no"):
        await Calls().each([1, 2, 3], work)
    assert sorted(ended) == [1, 3]
