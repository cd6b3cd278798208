"""With an emulator: subscriptions are confirmed, and events travel all the way.

ministack signs nothing: its signatures say ``FAKE``. So its messages are signed on their way, as
AWS would have signed them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from eventroute import EventBus, Router
from eventroute.backend_options import read_table
from eventroute.envelope import Event
from eventroute.port import Delivery
from eventroute.testing import TestBus
from eventroute_aws.claims import Claims
from eventroute_aws.layout import Topic
from eventroute_aws.options import SnsOptions
from eventroute_aws.push import SnsPushReceiver
from eventroute_aws.push.http import Receive, Scope, Send
from eventroute_aws.sns.message import Composer
from tests.aws.push.asgi import Application, call, head, post, served
from tests.aws.push.desk import desk
from tests.aws.push.signing import (
    NOW,
    OF_EMULATORS,
    TOPIC,
    Shelf,
    certificate,
    confirmation,
    event,
    notification,
    signed,
    verifier,
)
from tests.aws.push.wire import clients_of
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy, answer

TODAY = datetime.now(UTC)


def signing(app: Application, confirmed: anyio.Event) -> Application:
    """Sign what arrives, and hand it on."""

    async def signs(scope: Scope, receive: Receive, send: Send) -> None:
        document = json.loads((await receive())["body"])
        named = {"SigningCertURL": OF_EMULATORS, "SignatureVersion": "1"}
        body = json.dumps(signed({**document, **named})).encode()

        async def again() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body}

        headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
        await app({**scope, "headers": headers}, again, send)
        if document["Type"] == "SubscriptionConfirmation":
            confirmed.set()

    return signs


def real_time() -> dict[str, Any]:
    """Options with which today's messages are believed."""
    shelf = Shelf()
    shelf.texts[OF_EMULATORS] = certificate(TODAY - timedelta(days=1), TODAY + timedelta(days=1))
    return {"verifier": verifier(shelf, now=lambda: TODAY)}


async def test_an_event_travels_from_a_bus_over_sns_and_http_to_another(
    running_ministack: Emulator, account: str
) -> None:
    options = running_ministack.options(account)
    router = Router("shop")
    arrived, confirmed = anyio.Event(), anyio.Event()
    got: list[tuple[Event, dict[str, str]]] = []

    @router.subscribe({"source": ["shop.orders"]})
    async def note(event: Event, delivery: Delivery) -> None:
        got.append((event, dict(delivery.headers)))
        arrived.set()

    sender = EventBus("sns", options={**options, "sources": ["shop.orders"], "linger": 0})
    topic = f"arn:aws:sns:us-east-1:{account}:eventroute-shop-orders"
    async with (
        sender,
        TestBus(router) as bus,
        served(
            signing(SnsPushReceiver(bus, [topic], options=options, **real_time()), confirmed)
        ) as url,
        clients_of(options) as clients,
    ):
        sns = await clients.sns()
        with anyio.fail_after(30):
            await sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{url}/events")
            await confirmed.wait()
            sent = await sender.publish(event("o-1"), headers={"traceparent": "00-1"})
            await arrived.wait()
        found = await sns.list_subscriptions_by_topic(TopicArn=topic)
        (subscription,) = found["Subscriptions"]
        told = await sns.get_subscription_attributes(
            SubscriptionArn=subscription.get("SubscriptionArn", "")
        )
    assert told["Attributes"]["PendingConfirmation"] == "false"
    assert got == [(sent, {"traceparent": "00-1", "sns-topics": topic})]


@asynccontextmanager
async def confirming(
    emulator: Emulator, account: str
) -> AsyncGenerator[tuple[str, Application, Proxy]]:
    """A topic, a receiver that knows it, and what that asks AWS."""
    async with Proxy(emulator.url) as proxy:
        options = {**emulator.options(account), "endpoint_url": proxy.url}
        async with clients_of(options) as clients:
            topic = (await (await clients.sns()).create_topic(Name="orders"))["TopicArn"]
        receiver = SnsPushReceiver(
            EventBus(), [topic], options=options, verifier=verifier(), now=lambda: NOW
        )
        yield topic, receiver, proxy


async def test_a_subscription_is_confirmed_by_a_call_and_the_url_is_not_opened(
    lenient: Emulator, account: str
) -> None:
    opened: list[str] = []

    async def trap(scope: Scope, receive: Receive, send: Send) -> None:
        opened.append(scope["path"])

    async with served(trap) as url, confirming(lenient, account) as (topic, app, proxy):
        await post(app, confirmation(TopicArn=topic, SubscribeURL=f"{url}/"))
        (request,) = proxy.requests("ConfirmSubscription")
        assert request.form["TopicArn"] == topic
        assert request.form["Token"] == confirmation()["Token"]
        assert request.form["AuthenticateOnUnsubscribe"] == "true"
    assert opened == []


async def test_a_token_that_is_none_is_refused_for_good(lenient: Emulator, account: str) -> None:
    async with confirming(lenient, account) as (topic, app, _):
        said = await post(app, confirmation(TopicArn=topic))
        assert said.status == 400
        assert "/Token" in said.text


@pytest.mark.parametrize(("status", "code"), [(403, "AuthorizationError"), (503, "Unavailable")])
async def test_a_confirmation_that_may_succeed_later_is_asked_for_again(
    lenient: Emulator, account: str, status: int, code: str
) -> None:
    async with confirming(lenient, account) as (topic, app, proxy):
        proxy.plan(answer(status, code), action="ConfirmSubscription")
        assert (await post(app, confirmation(TopicArn=topic))).status == 503
        assert len(proxy.requests("ConfirmSubscription")) == 1


async def test_a_receiver_that_is_open_asks_over_one_connection(
    lenient: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with confirming(lenient, account) as (topic, app, proxy):
        assert isinstance(app, SnsPushReceiver)
        async with app:
            await post(app, confirmation(TopicArn=topic))
            # Whoever makes a client from now on finds no credentials.
            monkeypatch.delenv("AWS_ACCESS_KEY_ID")
            await post(app, confirmation(TopicArn=topic))
        assert len(proxy.requests("ConfirmSubscription")) == 2
        assert (await post(app, confirmation(TopicArn=topic))).status == 503
        assert len(proxy.requests("ConfirmSubscription")) == 2


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_raw_delivery_whose_event_lies_in_s3_is_fetched_or_refused_and_never_empty(
    running_ministack: Emulator, account: str, is_kept: bool
) -> None:
    """A raw delivery has no attributes."""
    bucket = f"payloads-{account}"
    options = {**running_ministack.options(account), "claim_check": {"bucket": bucket}}
    large = event("o-1", much="x" * 1_000)
    table = read_table(SnsOptions, "sns", options)
    assert table.claim_check is not None
    async with (
        clients_of(options) as clients,
        desk(options=options, allow_raw=True) as at,
    ):
        await (await clients.s3()).create_bucket(Bucket=bucket)
        pointer = f"s3://{bucket}/eventroute/gone"
        if is_kept:
            pointer = await Claims(clients, table.claim_check).put(large)
        topic = Topic("shop.orders", TOPIC)
        body = Composer(table).message(large, {}, topic, pointer).body.encode()
        document = {"Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC}
        said = await call(at.app, [body], {**head(document, body), "x-amz-sns-rawdelivery": "true"})
        await at.bus.settled()
        assert said is not None
        assert said.status == (200 if is_kept else 400)
        assert [one.to_json() for one, _ in at.got] == ([large.to_json()] if is_kept else [])


@pytest.mark.parametrize(
    ("kept", "claimed", "status"),
    [
        pytest.param(event("o-1", much="x" * 1_000), event("o-1", much=1), 200, id="whole"),
        pytest.param(event("o-2", much="x" * 1_000), event("o-1", much=1), 400, id="another"),
        pytest.param(None, event("o-1", much=1), 400, id="expired"),
    ],
)
async def test_an_event_that_lies_in_s3_is_fetched_if_it_is_the_one_that_was_signed(
    running_ministack: Emulator, account: str, kept: Event | None, claimed: Event, status: int
) -> None:
    bucket = f"payloads-{account}"  # names of buckets are everybody's
    options = {**running_ministack.options(account), "claim_check": {"bucket": bucket}}
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"]})
    async def note(event: Event) -> None: ...

    async with clients_of(options) as clients, TestBus(router) as bus:
        await (await clients.s3()).create_bucket(Bucket=bucket)
        checked = read_table(SnsOptions, "sns", options).claim_check
        assert checked is not None
        pointer = f"s3://{bucket}/eventroute/gone"
        if kept is not None:
            # The envelopes are alike in all but the id and the detail.
            document = {**kept.document, "time": claimed.document["time"]}
            kept = Event.from_json(json.dumps(document))
            pointer = await Claims(clients, checked).put(kept)
        envelope = json.dumps({**claimed.document, "detail": {}})
        app = SnsPushReceiver(bus, [TOPIC], options=options, verifier=verifier(), now=lambda: NOW)
        pushed = notification(envelope, attributes={"eventroute-claim": pointer})
        assert (await post(app, pushed)).status == status
        await bus.settled()
        assert bus.handled("note") == ([kept] if status == 200 else [])
