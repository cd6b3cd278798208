"""The one request that a message can cause."""

from __future__ import annotations

import anyio
import pytest

from eventroute.errors import AdapterError, SignatureError
from eventroute_aws.push.fetching import fetch_certificate
from eventroute_aws.push.http import Receive, Scope, Send, answer
from tests.aws.push.asgi import Application, served
from tests.aws.push.signing import certificate
from tools.emulators.emulator import free_port


def says(status: int, body: str = "", **headers: str) -> Application:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        named.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": named})
        await send({"type": "http.response.body", "body": body.encode()})

    return app


async def test_a_certificate_is_fetched() -> None:
    async with served(says(200, certificate().decode())) as url:
        assert await fetch_certificate(f"{url}/x.pem") == certificate()


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_where_none_is_a_later_try_is_pointless(status: int) -> None:
    async with served(says(status)) as url:
        with pytest.raises(SignatureError, match=f"HTTP {status}"):
            await fetch_certificate(f"{url}/x.pem")


@pytest.mark.parametrize("status", [500, 503, 204, 408, 429])
async def test_a_server_that_fails_or_is_busy_may_be_asked_again(status: int) -> None:
    async with served(says(status)) as url:
        with pytest.raises(AdapterError, match=f"HTTP {status}"):
            await fetch_certificate(f"{url}/x.pem")


async def test_a_redirect_is_not_followed() -> None:
    visited: list[str] = []

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        visited.append(scope["path"])
        await answer(send, 200, "")

    async with served(elsewhere) as other, served(says(302, location=f"{other}/y.pem")) as url:
        with pytest.raises(SignatureError, match="HTTP 302"):
            await fetch_certificate(f"{url}/x.pem")
    assert visited == []


async def test_a_large_answer_is_not_read_to_its_end() -> None:
    async with served(says(200, "x" * 1_000_000)) as url:
        with pytest.raises(SignatureError, match="larger than 65,536 bytes"):
            await fetch_certificate(f"{url}/x.pem")


async def test_nobody_waits_for_a_server_that_does_not_answer() -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep_forever()

    async with served(silent) as url:
        with pytest.raises(AdapterError, match="Timeout"):
            await fetch_certificate(f"{url}/x.pem", timeout=0.05)


async def test_a_server_that_cannot_be_reached_may_be_asked_again() -> None:
    with pytest.raises(AdapterError, match="ClientConnectorError"):
        await fetch_certificate(f"http://127.0.0.1:{free_port()}/x.pem")
