"""Whether SNS has signed a message.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from eventroute.errors import ConfigurationError, SignatureError
from eventroute_aws.push.certificates import Certificates, region_of
from eventroute_aws.push.notification import NOTIFICATION, PushedMessage

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["SignatureVerifier", "Verifier", "string_to_sign", "verify"]

Verifier: TypeAlias = Callable[[PushedMessage], Awaitable[None]]
"""Raises :class:`~eventroute.errors.SignatureError` for a message that SNS has not signed."""

_HASHES: Final[dict[str, HashAlgorithm]] = {
    "1": SHA1(),  # noqa: S303  SNS chooses; a receiver may refuse it
    "2": SHA256(),
}


class SignatureVerifier:
    """Lets only messages pass that SNS has signed.

    :param certificates: finds the certificate that a message names.
    :param versions: signature versions to accept. ``"1"`` is SHA-1, and what SNS uses unless the
        topic's attribute ``SignatureVersion`` is 2.
    :param now: tells the time.
    :raises ConfigurationError: no such version.
    """

    def __init__(
        self,
        certificates: Certificates | None = None,
        *,
        versions: Collection[str] = ("1", "2"),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not versions or not set(versions) <= _HASHES.keys():
            raise ConfigurationError(
                f'versions={versions!r}: give some of {", ".join(map(repr, _HASHES))}, as in ("2",)'
            )
        self._certificates = certificates or Certificates()
        self._versions = frozenset(versions)
        self._now = now

    async def __call__(self, pushed: PushedMessage) -> None:
        """Verify a message.

        :raises SignatureError: it is not signed by SNS, or in a version that is not accepted.
        :raises AdapterError: its certificate cannot be fetched now.
        """
        if pushed.signature_version not in self._versions:
            raise SignatureError(
                f"the signature version {pushed.signature_version[:20]!r} is not accepted, only "
                f"{', '.join(sorted(self._versions))}"
            )
        string_to_sign(pushed)  # what cannot be signed is no reason to fetch anything
        signs, sends = region_of(pushed.certificate_url), pushed.topic.split(":")[3:4]
        if sends != [signs]:
            raise SignatureError(
                f"the certificate is of {signs}, and the topic {pushed.topic[:300]!r} is not"
            )
        certificate = await self._certificates.get(pushed.certificate_url)
        verify(pushed, certificate, self._now())


def verify(pushed: PushedMessage, certificate: Certificate, now: datetime) -> None:
    """Check the signature of a message with a certificate that is trusted already.

    :raises SignatureError: it is wrong, or the certificate is not valid now.
    """
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SignatureError(
            f"the certificate is valid from {certificate.not_valid_before_utc} to "
            f"{certificate.not_valid_after_utc}, and it is {now}"
        )
    key = certificate.public_key()
    algorithm = _HASHES.get(pushed.signature_version)
    if not isinstance(key, RSAPublicKey) or algorithm is None:
        raise SignatureError("SNS signs with RSA, in signature version 1 or 2")
    try:
        signature = b64decode(pushed.signature, validate=True)
        key.verify(signature, string_to_sign(pushed), PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        if isinstance(error, SignatureError):
            raise
        raise SignatureError("the signature is wrong: SNS did not send this") from None
    except UnsupportedAlgorithm:
        raise SignatureError(
            f"this machine does not check {algorithm.name} signatures; set the topic's attribute "
            "SignatureVersion to 2"
        ) from None


def string_to_sign(pushed: PushedMessage) -> bytes:
    """The text whose signature a message carries.

    Names and values stand on lines of their own and nothing is escaped. A value with a line break
    could be read as two, and what was signed as one message would pass for another: only
    ``Message``, which comes first, may have some, and no others ever have.

    :raises SignatureError: another member has a line break, or a lone surrogate stands somewhere.
    """
    if pushed.kind == NOTIFICATION:
        members = {
            "Message": pushed.message,
            "MessageId": pushed.id,
            "Subject": pushed.subject,
            "Timestamp": pushed.timestamp,
            "TopicArn": pushed.topic,
            "Type": pushed.kind,
        }
    else:
        members = {
            "Message": pushed.message,
            "MessageId": pushed.id,
            "SubscribeURL": pushed.subscribe_url,
            "Timestamp": pushed.timestamp,
            "Token": pushed.token,
            "TopicArn": pushed.topic,
            "Type": pushed.kind,
        }
    lines: list[str] = []
    for name, value in members.items():
        if value is None:
            continue
        if "\n" in value and name != "Message":
            raise SignatureError(f"{name} has a line break: SNS did not send this")
        lines += (name, value)
    try:
        return ("\n".join(lines) + "\n").encode()
    except UnicodeEncodeError:
        raise SignatureError("half a surrogate pair cannot be signed") from None
