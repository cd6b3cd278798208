"""Where certificates may come from, and how often."""

from __future__ import annotations

import anyio
import pytest

from eventroute.errors import AdapterError, SignatureError
from eventroute.testing.clock import VirtualClock
from eventroute_aws.push import Certificates
from tests.aws.push.signing import CERTIFICATE_URL, Shelf, certificate

HOST = "https://sns.eu-west-1.amazonaws.com"
NAME = "SimpleNotificationService-010a507c1833636cd94bdb98bd93083a"


def numbered(number: int) -> str:
    return f"{HOST}/SimpleNotificationService-{number:032x}.pem"


@pytest.mark.parametrize(
    "url",
    [
        f"https://sns.us-east-1.amazonaws.com/{NAME}.pem",
        f"https://sns.us-gov-west-1.amazonaws.com/{NAME}.pem",
        f"https://sns.ap-southeast-7.amazonaws.com/{NAME}.pem",
        f"https://sns.cn-north-1.amazonaws.com.cn/{NAME}.pem",
    ],
)
async def test_a_certificate_of_sns_is_fetched(url: str) -> None:
    shelf = Shelf()
    shelf.texts[url] = certificate()
    await Certificates(shelf.fetch).get(url)
    assert shelf.asked == [url]


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"http://sns.eu-west-1.amazonaws.com/{NAME}.pem",
        f"HTTPS://sns.eu-west-1.amazonaws.com/{NAME}.pem",
        f"//sns.eu-west-1.amazonaws.com/{NAME}.pem",
        "file:///etc/passwd.pem",
        f"https://example.com/{NAME}.pem",
        f"https://127.0.0.1/{NAME}.pem",
        f"https://sns.amazonaws.com/{NAME}.pem",
        f"https://sqs.eu-west-1.amazonaws.com/{NAME}.pem",
        f"https://sns.s3-us-west-2.amazonaws.com/{NAME}.pem",  # a bucket that is named sns
        f"https://sns.s3.amazonaws.com/{NAME}.pem",
        f"https://sns.eu-west-1.amazonaws.com.example.com/{NAME}.pem",
        f"https://sns.eu-west-1.amazonaws.com.cn.example.com/{NAME}.pem",
        f"https://sns.eu-west-1.amazonaws.company/{NAME}.pem",
        f"https://sns.eu-west-1xamazonaws.com/{NAME}.pem",
        f"https://evil-sns.eu-west-1.amazonaws.com/{NAME}.pem",
        f"https://sns.evil.eu-west-1.amazonaws.com/{NAME}.pem",
        f"https://sns.eu-west-1.amazonaws.com@example.com/{NAME}.pem",
        f"https://sns.eu-west-1.amazonaws.com:x@example.com/{NAME}.pem",
        f"https://example.com#https://sns.eu-west-1.amazonaws.com/{NAME}.pem",
        f"https://example.com\\@sns.eu-west-1.amazonaws.com/{NAME}.pem",
        f"{HOST}:8443/{NAME}.pem",
        f"{HOST}/",
        f"{HOST}/{NAME}.pem.html",
        f"{HOST}/{NAME}.pem?y",
        f"{HOST}/{NAME}.pem#y",
        f"{HOST}/?{NAME}.pem",
        f"{HOST}/../{NAME}.pem",
        f"{HOST}/a/{NAME}.pem",
        f"{HOST}/{NAME}.pem\n",
        f" {HOST}/{NAME}.pem",
        f"{HOST}/{NAME}%2epem",
        f"{HOST}/x.pem",
        f"{HOST}/{NAME}0.pem",
        f"{HOST}/{NAME.upper()}.pem",
        f"https://sns.eu-west-\u0661.amazonaws.com/{NAME}.pem",
    ],
)
async def test_no_other_url_is_ever_opened(url: str) -> None:
    shelf = Shelf()
    with pytest.raises(SignatureError, match="is no certificate of SNS"):
        await Certificates(shelf.fetch).get(url)
    assert shelf.asked == []


async def test_a_certificate_is_fetched_once() -> None:
    shelf = Shelf()
    certificates = Certificates(shelf.fetch)
    first = await certificates.get(CERTIFICATE_URL)
    assert await certificates.get(CERTIFICATE_URL) is first
    assert len(shelf.asked) == 1


async def test_many_who_need_a_certificate_at_once_share_a_fetch() -> None:
    shelf = Shelf()
    arrived, go = anyio.Event(), anyio.Event()

    async def slowly(url: str) -> bytes:
        arrived.set()
        await go.wait()
        return await shelf.fetch(url)

    certificates = Certificates(slowly)
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(certificates.get, CERTIFICATE_URL)
        await arrived.wait()
        go.set()
    assert len(shelf.asked) == 1


async def test_a_certificate_is_fetched_while_another_one_does_not_come() -> None:
    shelf = Shelf()
    hanging = anyio.Event()

    async def fetch(url: str) -> bytes:
        if url != CERTIFICATE_URL:
            hanging.set()
            await anyio.sleep_forever()
        return await shelf.fetch(url)

    certificates = Certificates(fetch)
    async with anyio.create_task_group() as group:
        group.start_soon(certificates.get, numbered(1))
        await hanging.wait()
        with anyio.fail_after(5):
            await certificates.get(CERTIFICATE_URL)
        group.cancel_scope.cancel()


async def test_no_more_than_eight_certificates_are_fetched_at_once() -> None:
    asked: list[str] = []

    async def fetch(url: str) -> bytes:
        asked.append(url)
        await anyio.sleep_forever()
        return b""

    certificates = Certificates(fetch)
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(certificates.get, numbered(number))
        await anyio.wait_all_tasks_blocked()
        assert len(asked) == 8
        group.cancel_scope.cancel()


async def test_a_fetch_that_was_given_up_is_made_again_by_whoever_waits() -> None:
    shelf = Shelf()
    hanging = anyio.Event()

    async def fetch(url: str) -> bytes:
        if not hanging.is_set():
            hanging.set()
            await anyio.sleep_forever()
        return await shelf.fetch(url)

    certificates = Certificates(fetch)
    async with anyio.create_task_group() as group:
        first = anyio.CancelScope()

        async def given_up() -> None:
            with first:
                await certificates.get(CERTIFICATE_URL)

        group.start_soon(given_up)
        await hanging.wait()
        group.start_soon(certificates.get, CERTIFICATE_URL)
        await anyio.wait_all_tasks_blocked()
        first.cancel()
    assert shelf.asked == [CERTIFICATE_URL]


async def test_a_url_without_a_certificate_is_asked_again_after_a_minute() -> None:
    shelf, clock = Shelf(), VirtualClock()
    certificates = Certificates(shelf.fetch, clock=clock)
    missing = numbered(404)
    for _ in range(3):
        with pytest.raises(SignatureError, match="no certificate at "):
            await certificates.get(missing)
    assert len(shelf.asked) == 1
    clock.advance_to(61)
    shelf.texts[missing] = certificate()
    await certificates.get(missing)
    assert len(shelf.asked) == 2


async def test_a_server_that_failed_is_asked_again_at_once() -> None:
    shelf = Shelf()
    failures = [AdapterError("no route")]

    async def fetch(url: str) -> bytes:
        if failures:
            raise failures.pop()
        return await shelf.fetch(url)

    certificates = Certificates(fetch)
    with pytest.raises(AdapterError, match="no route"):
        await certificates.get(CERTIFICATE_URL)
    await certificates.get(CERTIFICATE_URL)


async def test_a_flood_of_urls_does_not_push_out_the_real_certificate() -> None:
    shelf = Shelf()
    certificates = Certificates(shelf.fetch)
    await certificates.get(CERTIFICATE_URL)
    for number in range(1_100):
        with pytest.raises(SignatureError):
            await certificates.get(numbered(number))
    asked = len(shelf.asked)
    await certificates.get(CERTIFICATE_URL)
    assert len(shelf.asked) == asked
