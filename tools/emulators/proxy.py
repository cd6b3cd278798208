"""A proxy before an emulator: it logs what was asked, and lets it go wrong on purpose.

::

    async with Proxy(emulator.url) as proxy:
        options = {**emulator.options(account), "endpoint_url": proxy.url}
        proxy.plan(reset(), action="PublishBatch")
        ...
        assert [request.entries for request in proxy.requests("PublishBatch")] == [10, 10]
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

__all__ = [
    "Fault",
    "Gate",
    "Proxy",
    "Request",
    "Response",
    "answer",
    "cut",
    "delay",
    "fail_entries",
    "fail_events",
    "lose",
    "reset",
    "silence",
]

_ENTRY = re.compile(r"(.+)\.(?:member|entry)\.(\d+)\.(.+)")
_UNSENT = {"connection", "content-length", "expect", "transfer-encoding"}


@dataclass(eq=False)
class Request:
    """What a client asked for.

    :ivar status: HTTP status of the answer that it got; 0 where it got none.
    :ivar messages: how many messages the answer to a receive held.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int = 0
    messages: int = 0

    @cached_property
    def form(self) -> dict[str, str]:
        """The parameters of a call in AWS's query protocol."""
        if "urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @cached_property
    def json(self) -> dict[str, Any]:
        """The parameters of a call in AWS's JSON protocol."""
        if "json" not in self.headers.get("content-type", ""):
            return {}
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def action(self) -> str:
        """``"PublishBatch"``, ``"ReceiveMessage"``; for S3 the method."""
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        return target or self.form.get("Action", "") or self.method

    @property
    def ids(self) -> list[str]:
        """The ids of the entries of a batch, in order."""
        if self.form:
            return [value for name, value in self.form.items() if _is_id(name)]
        return [entry.get("Id", "") for entry in self.json.get("Entries", ())]

    @property
    def entries(self) -> int:
        """How many entries a batch has; 1 for a call that is no batch."""
        return len(self.ids) or 1


@dataclass(frozen=True)
class Response:
    """What the client gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __bytes__(self) -> bytes:
        phrase = HTTPStatus(self.status).phrase
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in _UNSENT
        }
        headers["content-length"] = headers.pop("x-proxy-length", str(len(self.body)))
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{a}: {b}" for a, b in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class _BrokenError(Exception):
    """The connection ends here, after these bytes."""

    def __init__(self, sent: bytes) -> None:
        super().__init__(sent)
        self.sent = sent


Forward: TypeAlias = Callable[[Request], Awaitable[Response]]
Fault: TypeAlias = Callable[[Request, Forward], Awaitable[Response]]
"""Answers a request, with the emulator's help if it wants."""


def reset() -> Fault:
    """Reset the connection; the emulator never sees the request.

    aiohttp repeats a GET or PUT once by itself where that befalls a connection used before.
    """

    async def fault(_: Request, __: Forward) -> Response:
        raise _BrokenError(b"")

    return fault


def lose() -> Fault:
    """Reset the connection after the emulator has done what was asked."""

    async def fault(request: Request, forward: Forward) -> Response:
        await forward(request)
        raise _BrokenError(b"")

    return fault


def cut(after: int = 20) -> Fault:
    """End the connection in the middle of the emulator's answer.

    :param after: bytes of its body that still arrive.
    """

    async def fault(request: Request, forward: Forward) -> Response:
        response = bytes(await forward(request))
        raise _BrokenError(response[: response.index(b"\r\n\r\n") + 4 + after])

    return fault


def answer(status: int, code: str, message: str = "as the test wants", **more: str) -> Fault:
    """Answer with an error, in the shape of the protocol that the client speaks.

    :param more: further headers.
    """

    async def fault(request: Request, _: Forward) -> Response:
        return _error(request, status, code, message, more)

    return fault


def delay(seconds: float) -> Fault:
    """Let the emulator answer later."""

    async def fault(request: Request, forward: Forward) -> Response:
        await asyncio.sleep(seconds)
        return await forward(request)

    return fault


def silence(until: float, *, done: bool) -> Fault:
    """Answer nothing until then, and end the connection: its client has gone, or goes now.

    :param until: by the clock of the event loop.
    :param done: whether the emulator sees the request after all, late.
    """

    async def fault(request: Request, forward: Forward) -> Response:
        await asyncio.sleep(until - asyncio.get_running_loop().time())
        if done:
            await forward(request)
        raise _BrokenError(b"")

    return fault


def fail_entries(
    codes: Mapping[int, str], *, sender_fault: bool = False, message: str = "as the test wants"
) -> Fault:
    """Let the emulator see only the other entries, and report these as failed.

    Needs an emulator that does not check signatures, since the request is another one then.

    :param codes: error code by the place of the entry in the batch, from 0.
    """

    async def fault(request: Request, forward: Forward) -> Response:
        failed = {request.ids[place]: code for place, code in codes.items()}
        left = _without(request, failed)
        if request.form:
            return await _failed_in_xml(
                request, left, forward, failed, sender_fault=sender_fault, message=message
            )
        answered: dict[str, Any] = {"Successful": [], "Failed": []}
        if left.entries and left.ids:
            answered |= json.loads((await forward(left)).body)
        answered["Failed"] = [
            *answered.get("Failed", ()),
            *(
                {"Id": one, "Code": code, "Message": message, "SenderFault": sender_fault}
                for one, code in failed.items()
            ),
        ]
        return Response(200, {"content-type": "x-amz-json-1.0"}, json.dumps(answered).encode())

    return fault


def fail_events(codes: Mapping[int, str], message: str = "as the test wants") -> Fault:
    """Let the emulator see only the other entries of PutEvents, and report these as failed.

    Needs an emulator that does not check signatures, since the request is another one then.

    :param codes: error code by the place of the entry, from 0.
    """

    async def fault(request: Request, forward: Forward) -> Response:
        given = request.json["Entries"]
        left = [entry for place, entry in enumerate(given) if place not in codes]
        answered: list[Any] = []
        if left:
            body = json.dumps({**request.json, "Entries": left}).encode()
            response = await forward(replace(request, body=body))
            if response.status != 200:
                return response
            answered = json.loads(response.body)["Entries"]
        rest = iter(answered)
        entries = [
            {"ErrorCode": codes[place], "ErrorMessage": message} if place in codes else next(rest)
            for place in range(len(given))
        ]
        body = json.dumps({"FailedEntryCount": len(codes), "Entries": entries}).encode()
        return Response(200, {"content-type": "application/x-amz-json-1.1"}, body)

    return fault


class Gate:
    """A fault that holds requests back until it is opened."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._open = asyncio.Event()

    def open(self) -> None:
        """Let them go on."""
        self._open.set()

    async def __call__(self, request: Request, forward: Forward) -> Response:
        """Be a :data:`Fault`."""
        self.arrived.set()
        await self._open.wait()
        return await forward(request)


@dataclass
class _Plan:
    fault: Fault
    action: str | None
    where: Callable[[Request], bool]
    times: float

    def takes(self, request: Request) -> bool:
        return (
            self.times > 0
            and (self.action is None or request.action == self.action)
            and self.where(request)
        )


@dataclass
class Proxy:
    """Runs from ``async with`` to its end, in the test's own event loop.

    :param upstream: URL of the emulator.
    :ivar log: every request, in the order of arrival.
    """

    upstream: str
    log: list[Request] = field(default_factory=list)
    _plans: list[_Plan] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _port: int = 0

    @property
    def url(self) -> str:
        """Its endpoint, for every service."""
        return f"http://127.0.0.1:{self._port}"

    def requests(self, action: str) -> list[Request]:
        """Those of one action."""
        return [request for request in self.log if request.action == action]

    def plan(
        self,
        fault: Fault,
        *,
        action: str | None = None,
        where: Callable[[Request], bool] = lambda _: True,
        times: float = 1,
    ) -> None:
        """Let the next requests of an action go wrong. The first plan that fits is followed.

        :param where: which of them.
        :param times: how many; ``math.inf`` for all.
        """
        self._plans.append(_Plan(fault, action, where, times))

    def calm(self) -> None:
        """Forget every plan."""
        self._plans.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Accept connections; after :meth:`stop`, at the same port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections, and end those that there are. Idempotent."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader, writer)) is not None:
                self.log.append(request)
                response = await self._respond(request)
                request.status = response.status
                request.messages = _messages(request, response)
                writer.write(bytes(response))
                await writer.drain()
        except _BrokenError as broken:
            writer.write(broken.sent)
            with suppress(OSError):
                await writer.drain()
            if not broken.sent:
                # Closing with a linger of 0 is a reset.
                raw: socket.socket = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # the client went away
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _respond(self, request: Request) -> Response:
        for plan in self._plans:
            if plan.takes(request):
                plan.times -= 1
                return await plan.fault(request, self._forward)
        return await self._forward(request)

    async def _forward(self, request: Request) -> Response:
        address = urlsplit(self.upstream)
        reader, writer = await asyncio.open_connection(
            address.hostname, address.port, limit=1 << 24
        )
        try:
            headers = {a: b for a, b in request.headers.items() if a not in _UNSENT}
            headers |= {"connection": "close", "content-length": str(len(request.body))}
            lines = [f"{request.method} {request.path} HTTP/1.1"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + request.body)
            await writer.drain()
            start, answered = await _read_head(reader)
            body = b"" if request.method == "HEAD" else await _read_body(reader, answered)
            if request.method == "HEAD":
                answered["x-proxy-length"] = answered.get("content-length", "0")
            return Response(int(start.split()[1]), answered, body)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.rstrip("\r\n").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return start, headers


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return body
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read() if headers.get("connection") == "close" else b""


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    try:
        start, headers = await _read_head(reader)
    except asyncio.IncompleteReadError:
        return None
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    method, path, _ = start.split(" ", 2)
    return Request(method, path, headers, await _read_body(reader, headers))


def _messages(request: Request, response: Response) -> int:
    if request.action != "ReceiveMessage" or response.status != 200:
        return 0
    return len(json.loads(response.body).get("Messages", ()))


def _is_id(name: str) -> bool:
    found = _ENTRY.fullmatch(name)
    return found is not None and found[3] == "Id"


def _without(request: Request, ids: Mapping[str, str]) -> Request:
    """The same batch without some of its entries."""
    if not request.form:
        entries = [one for one in request.json.get("Entries", ()) if one.get("Id") not in ids]
        return replace(request, body=json.dumps({**request.json, "Entries": entries}).encode())
    found = [(name, _ENTRY.fullmatch(name), value) for name, value in request.form.items()]
    gone = {match[2] for _, match, value in found if match and match[3] == "Id" and value in ids}
    form: dict[str, str] = {}
    places: dict[str, int] = {}
    for name, match, value in found:
        if match is None or not match[1].endswith("Entries"):
            form[name] = value
        elif match[2] not in gone:
            place = places.setdefault(match[2], len(places) + 1)
            form[f"{match[1]}.member.{place}.{match[3]}"] = value
    return replace(request, body=urlencode(form).encode())


async def _failed_in_xml(
    request: Request,
    left: Request,
    forward: Forward,
    failed: Mapping[str, str],
    *,
    sender_fault: bool,
    message: str,
) -> Response:
    told = "".join(
        f"<member><Id>{one}</Id><Code>{code}</Code><Message>{message}</Message>"
        f"<SenderFault>{str(sender_fault).lower()}</SenderFault></member>"
        for one, code in failed.items()
    )
    successful = ""
    if left.ids:
        answered = await forward(left)
        if answered.status != 200:
            return answered
        found = re.search(rb"<Successful>.*?</Successful>", answered.body, re.DOTALL)
        successful = found[0].decode() if found else ""
    action = request.action
    body = (
        f'<{action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{action}Result>'
        f"{successful}<Failed>{told}</Failed></{action}Result>"
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    )
    return Response(200, {"content-type": "text/xml"}, body.encode())


def _error(
    request: Request, status: int, code: str, message: str, more: Mapping[str, str]
) -> Response:
    if request.form:
        fault = "Sender" if status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        )
        return Response(status, {"content-type": "text/xml", **more}, body.encode())
    if "x-amz-target" in request.headers:
        headers = {"content-type": "application/x-amz-json-1.0", **more}
        told = {"__type": f"com.amazonaws#{code}", "message": message}
        return Response(status, headers, json.dumps(told).encode())
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(status, {"content-type": "application/xml", **more}, body.encode())
