"""Where certificates may come from, and how often."""

from __future__ import annotations

import anyio
import pytest

from eventroute.errors import AdapterError, SignatureError
from eventroute.testing.clock import VirtualClock
from eventroute_aws.push import Certificates
from tests.aws.push.signing import CERTIFICATE_URL, Shelf, certificate

HOST = "https://sns.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://sns.ap-southeast-7.amazonaws.com/x.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a1b.pem",
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
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "HTTPS://sns.eu-west-1.amazonaws.com/x.pem",
        "//sns.eu-west-1.amazonaws.com/x.pem",
        "file:///etc/passwd.pem",
        "https://example.com/x.pem",
        "https://127.0.0.1/x.pem",
        "https://sns.amazonaws.com/x.pem",
        "https://sqs.eu-west-1.amazonaws.com/x.pem",
        "https://sns.s3-us-west-2.amazonaws.com/x.pem",  # a bucket that is named sns
        "https://sns.s3.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.example.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.cn.example.com/x.pem",
        "https://sns.eu-west-1.amazonaws.company/x.pem",
        "https://sns.eu-west-1xamazonaws.com/x.pem",
        "https://evil-sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.evil.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@example.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:x@example.com/x.pem",
        "https://example.com#https://sns.eu-west-1.amazonaws.com/x.pem",
        "https://example.com\\@sns.eu-west-1.amazonaws.com/x.pem",
        f"{HOST}:8443/x.pem",
        f"{HOST}/",
        f"{HOST}/x.pem.html",
        f"{HOST}/x.pem?y",
        f"{HOST}/x.pem#y",
        f"{HOST}/?x.pem",
        f"{HOST}/../x.pem",
        f"{HOST}/a/x.pem",
        f"{HOST}/x.pem\n",
        f" {HOST}/x.pem",
        f"{HOST}/x%2epem",
        "https://sns.eu-west-\u0661.amazonaws.com/x.pem",
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


async def test_a_url_without_a_certificate_is_asked_again_after_a_minute() -> None:
    shelf, clock = Shelf(), VirtualClock()
    certificates = Certificates(shelf.fetch, clock=clock)
    missing = f"{HOST}/missing.pem"
    for _ in range(3):
        with pytest.raises(SignatureError, match=r"no certificate at .*missing\.pem"):
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
            await certificates.get(f"{HOST}/{number}.pem")
    asked = len(shelf.asked)
    await certificates.get(CERTIFICATE_URL)
    assert len(shelf.asked) == asked
