"""What SNS has signed, and what somebody else wrote."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from eventroute.errors import ConfigurationError, SignatureError
from eventroute_aws.push import SignatureVerifier
from eventroute_aws.push.notification import PushedMessage, read_pushed
from eventroute_aws.push.signature import string_to_sign
from tests.aws.push.signing import (
    CERTIFICATE_URL,
    NOW,
    SIGNED,
    Shelf,
    certificate,
    confirmation,
    notification,
    signature,
    text,
    verifier,
)

EVERY_KIND = [
    pytest.param(lambda: notification(Subject="an order"), id="Notification"),
    pytest.param(confirmation, id="SubscriptionConfirmation"),
    pytest.param(lambda: confirmation("UnsubscribeConfirmation"), id="UnsubscribeConfirmation"),
]


def pushed(document: dict[str, Any]) -> PushedMessage:
    return read_pushed(text(document))


def test_the_string_of_a_notification_has_its_members_in_the_order_of_their_names() -> None:
    message = pushed(notification("hello", Subject="greeting", MessageId="m-1"))
    assert string_to_sign(message) == (
        b"Message\nhello\n"
        b"MessageId\nm-1\n"
        b"Subject\ngreeting\n"
        b"Timestamp\n2026-01-02T03:04:04.678Z\n"
        b"TopicArn\narn:aws:sns:eu-west-1:111122223333:orders\n"
        b"Type\nNotification\n"
    )


def test_a_subject_that_is_absent_has_no_line() -> None:
    assert b"Subject" not in string_to_sign(pushed(notification("hello")))


def test_the_string_of_a_confirmation_has_url_and_token() -> None:
    message = pushed(confirmation(Message="visit", MessageId="m-1", SubscribeURL="u"))
    assert string_to_sign(message) == (
        b"Message\nvisit\n"
        b"MessageId\nm-1\n"
        b"SubscribeURL\nu\n"
        b"Timestamp\n2026-01-02T03:04:04.678Z\n"
        b"Token\n2336412f37fb687f5d51e6e2425e\n"
        b"TopicArn\narn:aws:sns:eu-west-1:111122223333:orders\n"
        b"Type\nSubscriptionConfirmation\n"
    )


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "an order"}], ids=["bare", "subject"])
async def test_what_sns_has_signed_passes(version: str, subject: dict[str, Any]) -> None:
    await verifier()(pushed(notification("héllo\nwörld", version=version, **subject)))


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
async def test_a_confirmation_that_sns_has_signed_passes(kind: str, version: str) -> None:
    await verifier()(pushed(confirmation(kind, version=version)))


async def test_a_sequence_number_is_not_signed() -> None:
    """That of a FIFO topic, whose notifications reach HTTP by way of a queue only."""
    await verifier()(pushed({**notification(), "SequenceNumber": "10000000000000000000"}))


@pytest.mark.parametrize("make", EVERY_KIND)
async def test_a_change_of_any_signed_member_is_found(make: Any) -> None:  # noqa: ANN401
    document: dict[str, Any] = make()
    assert set(SIGNED[document["Type"]]) <= document.keys()
    for name in SIGNED[document["Type"]]:
        if name in ("Type", "Timestamp"):
            continue
        changed = {**document, name: document[name] + "x"}
        with pytest.raises(SignatureError, match="the signature is wrong"):
            await verifier()(pushed(changed))
    later = {**document, "Timestamp": "2026-01-02T03:04:04.679Z"}
    with pytest.raises(SignatureError, match="the signature is wrong"):
        await verifier()(pushed(later))


async def test_one_kind_cannot_pass_for_another() -> None:
    document = {**confirmation(), "Type": "UnsubscribeConfirmation"}
    with pytest.raises(SignatureError, match="the signature is wrong"):
        await verifier()(pushed(document))


async def test_a_subject_cannot_be_added_or_taken_away() -> None:
    with_subject = notification(Subject="an order")
    without = {name: value for name, value in with_subject.items() if name != "Subject"}
    for changed in (without, {**notification(), "Subject": "an order"}):
        with pytest.raises(SignatureError, match="the signature is wrong"):
            await verifier()(pushed(changed))


async def test_lines_of_a_message_cannot_pass_for_members() -> None:
    """Nothing is escaped in the string, so the same string could stand for another message."""
    document = notification('{"pay": 1}\nMessageId\nm-0\nSubject\nrest', MessageId="m-1")
    forged = {
        **document,
        "Message": '{"pay": 1}',
        "MessageId": "m-0",
        "Subject": "rest\nMessageId\nm-1",
    }
    assert signature(forged) == document["Signature"]
    with pytest.raises(SignatureError, match="Subject has a line break"):
        await verifier()(pushed(forged))


async def test_a_signature_by_another_key_is_refused() -> None:
    document = notification()
    document["Signature"] = signature(document, generate_private_key(65537, 2048))
    with pytest.raises(SignatureError, match="the signature is wrong"):
        await verifier()(pushed(document))


@pytest.mark.parametrize("said", ["", "FAKE", "not base64!", b64encode(b"short").decode()])
async def test_what_is_no_signature_is_refused(said: str) -> None:
    with pytest.raises(SignatureError, match="the signature is wrong"):
        await verifier()(pushed({**notification(), "Signature": said}))


async def test_a_signature_of_one_version_does_not_count_in_the_other() -> None:
    with pytest.raises(SignatureError, match="the signature is wrong"):
        await verifier()(pushed({**notification(version="1"), "SignatureVersion": "2"}))


@pytest.mark.parametrize("version", ["", "0", "3", "01"])
async def test_an_unknown_version_is_refused_before_anything_is_fetched(version: str) -> None:
    shelf = Shelf()
    with pytest.raises(SignatureError, match="is not accepted, only 1, 2"):
        await verifier(shelf)(pushed({**notification(), "SignatureVersion": version}))
    assert shelf.asked == []


async def test_sha1_can_be_refused() -> None:
    only_sha256 = verifier(versions=("2",))
    await only_sha256(pushed(notification(version="2")))
    with pytest.raises(SignatureError, match="'1' is not accepted, only 2"):
        await only_sha256(pushed(notification(version="1")))


@pytest.mark.parametrize("versions", [(), ("3",), ("1", "3")])
def test_versions_that_do_not_exist_are_refused(versions: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"give some of '1', '2'"):
        SignatureVerifier(versions=versions)


@pytest.mark.parametrize(("begins", "ends"), [(-2, -1), (1, 2)], ids=["past", "future"])
async def test_a_certificate_counts_only_while_it_is_valid(begins: int, ends: int) -> None:
    shelf = Shelf()
    shelf.texts[CERTIFICATE_URL] = certificate(
        NOW + timedelta(days=begins), NOW + timedelta(days=ends)
    )
    with pytest.raises(SignatureError, match="the certificate is valid from"):
        await verifier(shelf)(pushed(notification()))


async def test_a_certificate_is_read_as_pem_only() -> None:
    shelf = Shelf()
    der = load_pem_x509_certificate(certificate()).public_bytes(Encoding.DER)
    for body in (b"", b"<html>", der):
        shelf.texts[CERTIFICATE_URL] = body
        with pytest.raises(SignatureError, match="no certificate in PEM"):
            await verifier(shelf)(pushed(notification()))


def test_our_own_signatures_are_whole() -> None:
    """The tests above would prove little if the key signed something short."""
    assert len(b64decode(notification()["Signature"])) == 256
