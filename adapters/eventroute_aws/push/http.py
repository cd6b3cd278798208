"""As much of HTTP and ASGI as a receiver needs.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, TypeAlias

from eventroute.errors import EventRouteError
from eventroute_aws.push.notification import KINDS

__all__ = [
    "Receive",
    "RefusedError",
    "Request",
    "Scope",
    "Send",
    "answer",
    "read_body",
    "read_request",
]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TEXTS: Final = frozenset({"text/plain", "application/json"})


class RefusedError(EventRouteError):
    """A request gets this status. Never leaves the receiver."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Request:
    """What the head of a request says.

    :ivar raw: whether the body is the message alone, which cannot be signed.
    :ivar topic: ``None`` where the head does not say; so with ``message``, the message's id.
    """

    kind: str
    raw: bool
    topic: str | None
    message: str | None


def read_request(scope: Scope, max_body: int) -> Request:
    """Check the head of a request, before its body is read.

    :raises RefusedError: SNS does not ask like that.
    """
    if scope["method"] != "POST":
        raise RefusedError(405, "SNS sends POST")
    headers: dict[str, str] = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    kind = headers.get("x-amz-sns-message-type", "")
    if kind not in KINDS:
        raise RefusedError(400, "x-amz-sns-message-type is missing or unknown: not from SNS")
    if not _is_text(headers.get("content-type", "text/plain")) or "content-encoding" in headers:
        raise RefusedError(
            415, "takes text/plain and application/json in UTF-8; correct headerContentType"
        )
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > max_body:
        raise RefusedError(413, f"takes at most {max_body:,} bytes")
    return Request(
        kind,
        headers.get("x-amz-sns-rawdelivery", "").lower() == "true",
        headers.get("x-amz-sns-topic-arn"),
        headers.get("x-amz-sns-message-id"),
    )


def _is_text(content_type: str) -> bool:
    read = Message()
    read["content-type"] = content_type
    charset = read.get_param("charset", "utf-8")
    return read.get_content_type() in _TEXTS and str(charset).lower() in ("utf-8", "utf8")


async def read_body(receive: Receive, max_body: int) -> bytes | None:
    """The body of a request; ``None`` if the client went away.

    :raises RefusedError: it is too large.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > max_body:
            raise RefusedError(413, f"takes at most {max_body:,} bytes")
        if not message.get("more_body", False):
            return bytes(body)


async def answer(send: Send, status: int, text: str) -> None:
    """Send a response."""
    body = text.encode(errors="replace")
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
