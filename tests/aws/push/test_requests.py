"""Requests that SNS does not make, and receivers that cannot work."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest

from eventroute import EventBus
from eventroute.errors import (
    ConfigurationError,
    UnsupportedError,
)
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import call, head, post
from tests.aws.push.desk import desk
from tests.aws.push.signing import (
    TOPIC,
    notification,
    text,
)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(method: str) -> None:
    async with desk() as at:
        answer = await call(at.app, [b""], {}, method=method)
        assert answer is not None
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("x-amz-sns-message-type", "", 400),
        ("x-amz-sns-message-type", "Hello", 400),
        ("x-amz-sns-message-type", "UnsubscribeConfirmation", 400),
        ("content-type", "application/x-www-form-urlencoded", 415),
        ("content-type", "text/plain; charset=latin-1", 415),
        ("content-encoding", "gzip", 415),
        ("content-length", "1048577", 413),
        ("content-length", "9" * 5_000, 413),
    ],
)
async def test_a_head_that_sns_does_not_send_is_refused(
    header: str, value: str, status: int
) -> None:
    async with desk() as at:
        assert (await post(at.app, notification(), {header: value})).status == status
        assert at.shelf.asked == []


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "text/plain;charset=utf8"]
)
async def test_types_of_text_are_taken(content_type: str) -> None:
    async with desk() as at:
        assert await at.push(notification(), content_type=content_type) == 200


async def test_a_body_that_comes_in_pieces_is_put_together() -> None:
    document = notification()
    body = text(document)
    async with desk() as at:
        answer = await call(at.app, [body[:10], b"", body[10:]], head(document, body))
        assert answer is not None
        assert answer.status == 200


async def test_a_body_that_is_larger_than_its_head_says_is_refused() -> None:
    document = notification()
    async with desk(max_body=1_000) as at:
        named = {**head(document, b""), "content-length": "10"}
        answer = await call(at.app, [b"x" * 600] * 1_000, named)
        assert answer is not None
        assert answer.status == 413


async def test_a_client_that_goes_away_gets_no_answer() -> None:
    document = notification()
    async with desk() as at:
        assert await call(at.app, [], head(document, b"")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b"\xff",
        b'{"Type": "Notification"}',
        b'{"Type": 1}',
        b'{"Type": "Notification", "Type": "Notification"}',
        b"[" * 100_000,
        text({**notification(), "Timestamp": "yesterday"}),
        text({**notification(), "Timestamp": "2026-01-02T03:04:04"}),
        text({**notification(), "MessageId": None}),
        text({**notification(), "Subject": 1}),
        text({**notification(), "Message": {"id": 1}}),
        text({**notification(), "Message": "\ud800"}),
    ],
    ids=range(14),  # notifications differ each time, and processes of a test run compare names
)
async def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    async with desk() as at:
        answer = await call(at.app, [body], head(notification(), body))
        assert answer is not None
        assert answer.status == 400
        assert at.shelf.asked == []


@pytest.mark.parametrize(
    "topics",
    [
        [],
        TOPIC,
        ["orders"],
        ["arn:aws:sqs:eu-west-1:111122223333:orders"],
        [TOPIC + ":2296bc94"],
        [TOPIC + ".fifo"],
        ["*"],
    ],
)
def test_a_list_that_names_no_topic_that_pushes_is_refused(topics: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigurationError, match="topics"):
        SnsPushReceiver(EventBus(), topics)


@pytest.mark.parametrize(
    "options",
    [
        {"max_age": 0},
        {"max_age": float("inf")},
        {"max_age": float("nan")},
        {"max_body": 0},
        {"timeout": -1},
        {"remember": -1},
        {"options": {"regoin": "eu-west-1"}},
    ],
)
def test_numbers_and_options_that_cannot_work_are_refused(options: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigurationError):
        SnsPushReceiver(EventBus(), [TOPIC], **options)


async def test_something_else_than_http_is_refused() -> None:
    async with desk() as at:

        async def nothing(*_: object) -> MutableMapping[str, Any]:
            return {}

        async def nowhere(_: object) -> None: ...

        with pytest.raises(UnsupportedError, match="'websocket'"):
            await at.app({"type": "websocket"}, nothing, nowhere)
