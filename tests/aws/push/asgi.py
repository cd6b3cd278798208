"""Drives an ASGI application: by hand, or behind an HTTP server small enough to read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
)
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from eventroute_aws.push.http import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Headers


async def call(
    app: Application,
    chunks: Iterable[bytes],
    headers: Headers,
    *,
    method: str = "POST",
    path: str = "/",
) -> Answer | None:
    """Make a request; ``None`` where the application does not answer.

    :param chunks: of the body. The client goes away where there are none.
    """
    left = list(chunks)
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": method,
        "path": path,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ],
    }
    await app(scope, receive, send)
    if not sent:
        return None
    start, body = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], body["body"].decode(), told)


async def post(
    app: Application, document: Mapping[str, Any], headers: Headers | None = None
) -> Answer:
    """Push a message as SNS does."""
    body = json.dumps(document).encode()
    answer = await call(app, [body], {**head(document, body), **(headers or {})})
    assert answer is not None
    return answer


def head(document: Mapping[str, Any], body: bytes) -> dict[str, str]:
    """The headers that SNS sends."""
    return {
        "x-amz-sns-message-type": document["Type"],
        "x-amz-sns-message-id": document["MessageId"],
        "x-amz-sns-topic-arn": document["TopicArn"],
        "content-length": str(len(body)),
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent",
    }


@asynccontextmanager
async def served(app: Application) -> AsyncGenerator[str]:
    """Serve an application on 127.0.0.1, one request a connection; gives the URL."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await respond(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = start.split(" ")
        pairs = (line.split(":", 1) for line in lines if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer = await call(app, [body], headers, method=method, path=path)
        assert answer is not None
        reply = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        reply += [f"{name}: {value}" for name, value in answer.headers.items()]
        reply.append("connection: close")
        writer.write(("\r\n".join(reply) + "\r\n\r\n" + answer.text).encode())
        await writer.drain()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended  # a failure of the application is one of the test
