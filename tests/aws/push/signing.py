"""Messages as SNS sends them, signed with a key of our own."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from eventroute.envelope import Event
from eventroute.errors import SignatureError
from eventroute_aws.push import Certificates, SignatureVerifier

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:111122223333:orders"


def certificate_url(topic: str) -> str:
    """Where the region of a topic has its certificate."""
    name = "SimpleNotificationService-010a507c1833636cd94bdb98bd93083a.pem"
    return f"https://sns.{topic.split(':')[3]}.amazonaws.com/{name}"


CERTIFICATE_URL = certificate_url(TOPIC)
OF_EMULATORS = certificate_url("arn:aws:sns:us-east-1:000000000000:orders")

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@cache
def certificate(
    begins: datetime = NOW - timedelta(days=300), ends: datetime = NOW + timedelta(days=300)
) -> bytes:
    """A certificate of the key, which the key has signed itself; in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def signature(document: Mapping[str, Any], signing_key: RSAPrivateKey | None = None) -> str:
    """The signature that SNS would give a message."""
    lines = [f"{name}\n{document[name]}\n" for name in SIGNED[document["Type"]] if name in document]
    algorithm = SHA1() if document["SignatureVersion"] == "1" else SHA256()  # noqa: S303  as SNS
    signed = (signing_key or key()).sign("".join(lines).encode(), PKCS1v15(), algorithm)
    return b64encode(signed).decode()


def signed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "Signature": signature(document)}


def event(name: str = "1", **detail: Any) -> Event:  # noqa: ANN401  any JSON
    return Event("shop.orders", "OrderPlaced", detail or {"country": "KR"}, id=name)


def notification(
    message: str | Event | None = None,
    *,
    version: str = "2",
    attributes: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401  any JSON
) -> dict[str, Any]:
    """A signed notification; ``more`` replaces and adds members before it is signed."""
    text = event() if message is None else message
    named = {name: {"Type": "String", "Value": value} for name, value in (attributes or {}).items()}
    return signed(
        {
            "Type": "Notification",
            "MessageId": str(uuid4()),
            "TopicArn": TOPIC,
            "Message": text.to_json().decode() if isinstance(text, Event) else text,
            "Timestamp": "2026-01-02T03:04:04.678Z",
            "SignatureVersion": version,
            "SigningCertURL": certificate_url(more.get("TopicArn", TOPIC)),
            "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
            **({"MessageAttributes": named} if named else {}),
            **more,
        }
    )


def confirmation(
    kind: str = "SubscriptionConfirmation",
    *,
    version: str = "2",
    **more: Any,  # noqa: ANN401
) -> dict[str, Any]:
    return signed(
        {
            "Type": kind,
            "MessageId": str(uuid4()),
            "Token": "2336412f37fb687f5d51e6e2425e",
            "TopicArn": TOPIC,
            "Message": f"You have chosen to subscribe to the topic {TOPIC}.\nVisit the URL.",
            "SubscribeURL": "http://127.0.0.1:9/?Action=ConfirmSubscription",
            "Timestamp": "2026-01-02T03:04:04.678Z",
            "SignatureVersion": version,
            "SigningCertURL": certificate_url(more.get("TopicArn", TOPIC)),
            **more,
        }
    )


def text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()


class Shelf:
    """Where certificates are; counts how often somebody comes."""

    def __init__(self) -> None:
        self.texts = {CERTIFICATE_URL: certificate(), OF_EMULATORS: certificate()}
        self.asked: list[str] = []

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        try:
            return self.texts[url]
        except KeyError:
            raise SignatureError(f"there is no certificate at {url}") from None


def verifier(
    shelf: Shelf | None = None,
    *,
    versions: Collection[str] = ("1", "2"),
    now: Callable[[], datetime] = lambda: NOW,
) -> SignatureVerifier:
    """Believes what `key` has signed."""
    certificates = Certificates((shelf or Shelf()).fetch)
    return SignatureVerifier(certificates, versions=versions, now=now)
