"""Deliveries that cannot be signed."""

from __future__ import annotations

from eventroute.envelope import Event
from tests.aws.push.asgi import call, head
from tests.aws.push.desk import Desk, desk
from tests.aws.push.signing import (
    TOPIC,
    event,
    notification,
)


def raw(message: Event, **headers: str) -> tuple[list[bytes], dict[str, str]]:
    """A raw delivery: its body, and its headers."""
    body = message.to_json()
    document = {"Type": "Notification", "MessageId": f"m-{message.id}", "TopicArn": TOPIC}
    return [body], {**head(document, body), "x-amz-sns-rawdelivery": "true", **headers}


async def status_of(at: Desk, request: tuple[list[bytes], dict[str, str]]) -> int:
    answer = await call(at.app, *request)
    await at.bus.settled()
    assert answer is not None
    return answer.status


async def test_a_raw_delivery_is_refused_since_it_cannot_be_signed() -> None:
    async with desk() as at:
        assert await status_of(at, raw(event())) == 403
        assert at.got == []


async def test_raw_deliveries_are_taken_where_the_program_says_so() -> None:
    async with desk(allow_raw=True) as at:
        assert await status_of(at, raw(event())) == 200
        assert await status_of(at, raw(event())) == 200
        assert at.ids == ["1"]


async def test_a_raw_delivery_of_another_topic_is_refused() -> None:
    async with desk(allow_raw=True) as at:
        assert await status_of(at, raw(event(), **{"x-amz-sns-topic-arn": TOPIC + "2"})) == 403


async def test_only_notifications_are_raw() -> None:
    """Else a confirmation would need no signature."""
    async with desk(allow_raw=True) as at:
        kind = {"x-amz-sns-message-type": "SubscriptionConfirmation"}
        assert await status_of(at, raw(event(), **kind)) == 400


async def test_a_signed_delivery_is_verified_also_where_raw_ones_are_taken() -> None:
    async with desk(allow_raw=True) as at:
        assert await at.push({**notification(), "Signature": "FAKE"}) == 403
