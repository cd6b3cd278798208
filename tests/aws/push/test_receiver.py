"""What the receiver takes in, and what it has SNS do where it does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

import anyio
import pytest

from eventroute import EventBus
from eventroute.envelope import Event
from eventroute.errors import (
    AdapterError,
    ContractViolationError,
    EventRouteError,
    LimitExceededError,
    PublishError,
    Violation,
)
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import post
from tests.aws.push.desk import desk
from tests.aws.push.signing import (
    CERTIFICATE_URL,
    NOW,
    TOPIC,
    confirmation,
    event,
    notification,
    verifier,
)


async def test_an_event_reaches_its_subscriptions_with_its_id_byte_for_byte() -> None:
    pushed = Event.from_json(
        b'{"detail-type": "OrderPlaced", "source": "shop.orders", "id": "o-1",'
        b' "detail": {"total": 10.50, "name": "\xc3\xa9"}, "extra": 1}'
    )
    async with desk() as at:
        assert await at.push(notification(pushed)) == 200
        ((got, _),) = at.got
        assert got.to_json() == pushed.to_json()


async def test_headers_that_a_publisher_sent_arrive_and_the_topic_beside_them() -> None:
    ours = {"source": "shop.orders", "eventroute-headers": '{"traceparent":"00-1"}'}
    async with desk() as at:
        await at.push(notification(attributes=ours))
        ((_, headers),) = at.got
        assert headers == {"traceparent": "00-1", "sns-topics": TOPIC}


@pytest.mark.parametrize(
    ("attributes", "version"),
    [
        ({"detail-type": "T", "eventroute-headers": '{"eventroute-version":"2"}'}, 2),
        ({"detail-type": "T"}, 1),
        ({"tenant": "a"}, None),
    ],
)
async def test_an_event_has_the_version_that_it_names_and_1_where_eventroute_names_none(
    attributes: dict[str, str], version: int | None
) -> None:
    class Noting:
        """A bus that looks at nothing but versions."""

        async def publish(self, event: Event, *, headers: Mapping[str, str] | None = None) -> Event:
            noted.append((event.contract_version, headers))
            return event

        async def publish_many(
            self, events: Sequence[Event], *, headers: Mapping[str, str] | None = None
        ) -> list[Event]:
            return [await self.publish(one, headers=headers) for one in events]

    noted: list[object] = []
    receiver = SnsPushReceiver(Noting(), [TOPIC], verifier=verifier(), now=lambda: NOW)
    theirs = {name: value for name, value in attributes.items() if name == "tenant"}
    assert (await post(receiver, notification(attributes=attributes))).status == 200
    assert noted == [(version, {**theirs, "sns-topics": TOPIC})]


async def test_attributes_of_others_become_headers_where_a_header_can_be_that(
    caplog: pytest.LogCaptureFixture,
) -> None:
    theirs = {"tenant": "a", "greeting": "grüß", "with space": "x", "eventroute-x": "y"}
    async with desk() as at:
        await at.push(notification(attributes=theirs))
        ((_, headers),) = at.got
        assert headers == {"tenant": "a", "sns-topics": TOPIC}
    assert "'greeting' cannot travel as a header" in caplog.text


async def test_a_notification_of_s3_becomes_an_event_for_each_record() -> None:
    records = [
        {
            "eventSource": "aws:s3",
            "awsRegion": "eu-west-1",
            "eventTime": "2026-01-02T03:04:05.678Z",
            "eventName": name,
            "s3": {"bucket": {"name": "photos"}, "object": {"key": "a+b"}},
        }
        for name in ("ObjectCreated:Put", "ObjectRemoved:Delete")
    ]
    async with desk(remember=0) as at:
        document = notification(json.dumps({"Records": records}), Subject="Amazon S3 Notification")
        assert await at.push(document) == 200
        assert [one.detail_type for one, _ in at.got] == ["Object Created", "Object Deleted"]
        await at.push(document)
        assert at.ids[:2] == at.ids[2:]  # one thing that happened has one id


async def test_an_alarm_of_cloudwatch_becomes_an_event() -> None:
    alarm = {
        "AlarmName": "full",
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "StateChangeTime": "2026-01-02T03:04:05.678+0000",
    }
    async with desk() as at:
        assert await at.push(notification(json.dumps(alarm), Subject='ALARM: "full"')) == 200
        ((got, _),) = at.got
        assert (got.source, got.detail["state"]["value"]) == ("aws.cloudwatch", "ALARM")


async def test_an_event_without_an_id_has_that_of_sns() -> None:
    async with desk() as at:
        body = {"source": "shop.orders", "detail-type": "OrderPlaced", "detail": {"order": "o"}}
        pushed = notification(json.dumps(body))
        assert await at.push(pushed) == 200
        assert at.ids == [pushed["MessageId"]]


@pytest.mark.parametrize("message", ["hello", "{}", '{"id": 1}', "[]", ""])
async def test_what_is_no_event_is_refused_and_logged(
    message: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk() as at:
        assert await at.push(notification(message)) == 400
        assert at.got == []
    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    assert "lost unless its sender keeps it" in record.message


async def test_members_that_nobody_signed_are_not_taken_for_the_event() -> None:
    forged = json.loads(event("forged", total=0).to_json())
    async with desk() as at:
        assert await at.push({**notification(event("o-1")), **forged}) == 200
        assert at.ids == ["o-1"]


async def test_a_change_on_the_way_is_refused() -> None:
    async with desk() as at:
        changed = {**notification(), "Message": event(country="JP").to_json().decode()}
        assert await at.push(changed) == 403
        assert at.got == []


async def test_another_topic_is_refused_before_anything_is_fetched() -> None:
    async with desk() as at:
        other = notification(TopicArn=TOPIC + "2")
        assert await at.push(other) == 403
        assert await at.push(confirmation(TopicArn=TOPIC + "2")) == 403
        assert (at.got, at.shelf.asked) == ([], [])


async def test_a_certificate_of_another_host_is_refused() -> None:
    async with desk() as at:
        elsewhere = notification(SigningCertURL="https://example.com/x.pem")
        assert await at.push(elsewhere) == 403
        insecure = notification(SigningCertURL="http://sns.eu-west-1.amazonaws.com/x.pem")
        assert await at.push(insecure) == 403
        assert (at.got, at.shelf.asked) == ([], [])


async def test_a_certificate_of_another_region_than_the_topics_is_not_fetched() -> None:
    async with desk() as at:
        url = CERTIFICATE_URL.replace("eu-west-1", "us-east-1")
        assert await at.push(notification(SigningCertURL=url)) == 403
        assert at.shelf.asked == []


async def test_a_bus_that_is_not_open_has_sns_try_again() -> None:
    closed = SnsPushReceiver(EventBus(), [TOPIC], verifier=verifier(), now=lambda: NOW)
    assert (await post(closed, notification())).status == 503


class Refusing(EventBus):
    """A bus whose backend fails as a test wants."""

    def __init__(self, *errors: EventRouteError) -> None:
        super().__init__()
        self._errors = list(errors)

    async def publish(self, *_: object, **__: object) -> Event:
        raise self._errors.pop(0)

    async def publish_many(self, *_: object, **__: object) -> list[Event]:
        raise self._errors.pop(0)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AdapterError("throttled"), 503),
        (LimitExceededError("too large"), 400),
        (ContractViolationError("shop.orders/OrderPlaced/1", [Violation("", "no")]), 400),
        (PublishError([(event(), LimitExceededError("no")), (event(), AdapterError("a"))]), 503),
        (PublishError([(event(), LimitExceededError("no")), (event(), None)]), 400),
    ],
)
async def test_sns_tries_again_where_that_can_help(error: EventRouteError, status: int) -> None:
    app = SnsPushReceiver(Refusing(error), [TOPIC], verifier=verifier(), now=lambda: NOW)
    assert (await post(app, notification())).status == status


async def test_a_certificate_that_cannot_be_fetched_now_has_sns_try_again() -> None:
    async def nobody(_: object) -> None:
        raise AdapterError("no route")

    async with desk(verifier=nobody) as at:
        assert await at.push(notification()) == 503


async def test_an_answer_comes_in_time_whatever_hangs() -> None:
    async def hangs(_: object) -> None:
        await anyio.sleep_forever()

    async with desk(verifier=hangs, timeout=0.05) as at:
        assert await at.push(notification()) == 503


async def test_a_subscription_that_ended_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as at:
        assert await at.push(confirmation("UnsubscribeConfirmation")) == 200
        assert at.got == []
    assert f"the topic {TOPIC} does not push here any more" in caplog.text


async def test_a_forged_confirmation_is_refused() -> None:
    async with desk() as at:
        assert await at.push({**confirmation(), "Token": "another"}) == 403


async def test_an_event_that_lies_elsewhere_needs_the_bucket() -> None:
    document = notification(attributes={"eventroute-claim": "s3://payloads/eventroute/x"})
    async with desk() as at:
        assert await at.push(document) == 503
        assert at.got == []
