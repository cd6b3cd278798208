"""With LocalStack, which signs as AWS does, in both versions, with a key of its own.

Its certificate is not where AWS has them, so the verifier here takes it from wherever it is.
"""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest
from cryptography.x509 import load_pem_x509_certificate

from eventroute import Router
from eventroute.envelope import Event
from eventroute.testing import TestBus
from eventroute_aws.push import PushedMessage, SnsPushReceiver
from eventroute_aws.push.fetching import fetch_certificate
from eventroute_aws.push.http import Receive, Scope, Send
from eventroute_aws.push.signature import verify
from tests.aws.push.asgi import served
from tests.aws.push.signing import event
from tests.aws.push.wire import clients_of
from tools.emulators import Emulator


@pytest.mark.parametrize("version", ["1", "2"])
async def test_what_another_implementation_signs_is_believed(
    running_localstack: Emulator, account: str, version: str
) -> None:
    options = running_localstack.options(account)
    believed: list[str] = []
    confirmed, arrived = anyio.Event(), anyio.Event()

    async def verifier(pushed: PushedMessage) -> None:
        certificate = load_pem_x509_certificate(await fetch_certificate(pushed.certificate_url))
        # The certificate of the emulator may have ended; its key is what counts here.
        verify(pushed, certificate, certificate.not_valid_after_utc)
        assert pushed.signature_version == version
        assert pushed.time <= datetime.now(UTC)
        believed.append(pushed.kind)

    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"]})
    async def note(event: Event) -> None:
        arrived.set()

    async with clients_of(options) as clients, TestBus(router) as bus:
        sns = await clients.sns()
        topic = (await sns.create_topic(Name="orders", Attributes={"SignatureVersion": version}))[
            "TopicArn"
        ]
        receiver = SnsPushReceiver(bus, [topic], options=options, verifier=verifier)
        sent = event("o-1", customer="é")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await receiver(scope, receive, send)
            confirmed.set()

        async with served(app) as url:
            with anyio.fail_after(30):
                await sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"{url}/")
                await confirmed.wait()
                await sns.publish(TopicArn=topic, Message=sent.to_json().decode(), Subject="new")
                await arrived.wait()
        await bus.settled()
        assert bus.handled("note") == [sent]
    assert believed == ["SubscriptionConfirmation", "Notification"]
