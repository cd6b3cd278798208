"""Payloads too large for a message, in S3, and the pointers that travel in their stead.

A payload stays until a lifecycle rule of the bucket deletes it, which must be later than the last
consumer may ask for it: after the retention of the queues and of their dead-letter queues.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    EventRouteError,
    NameNotFoundError,
    OutcomeUnknownError,
)
from eventroute.jsontext import MAX_BYTES
from eventroute_aws.failures import code_of, translate

if TYPE_CHECKING:
    from eventroute.envelope import Event
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import ClaimCheckOptions

__all__ = ["Claims"]

_LONGEST_ID: Final = 200
_GONE: Final = frozenset({"NoSuchKey", "404"})


class Claims:
    """Puts payloads into a bucket, and fetches them.

    Publishers need ``s3:PutObject``. Consumers need ``s3:GetObject``, and ``s3:ListBucket`` too,
    without which S3 says that it refuses where it should say that the payload has expired.
    """

    def __init__(self, clients: Clients, options: ClaimCheckOptions) -> None:
        self._clients = clients
        self._bucket = options.bucket
        self._prefix = options.prefix

    async def put(self, event: Event) -> str:
        """Store an event; return its pointer, for :meth:`get`: a short text without secrets.

        The same event has the same pointer for a day, so a repeated publish stores it once.

        :raises AdapterError: S3 did not take it.
        :raises ConfigurationError: there is no such bucket.
        :raises AccessDeniedError: S3 refused.
        """
        body = event.to_json()
        key = self._key(event, body)
        client = await self._clients.s3()
        try:
            await client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )
        except Exception as error:
            raise self._failure(error, f"storing the event {event.id}") from error
        return f"s3://{self._bucket}/{key}"

    async def get(self, pointer: str) -> bytes:
        """Fetch the envelope that a pointer names.

        :raises NameNotFoundError: it has expired, or the pointer is none of this bucket and prefix:
            a message must not choose what else the consumer reads.
        :raises AdapterError: S3 did not give it.
        :raises ConfigurationError: there is no such bucket.
        :raises AccessDeniedError: S3 refused.
        """
        place = f"s3://{self._bucket}/"
        if not pointer.startswith(place + self._prefix):
            raise NameNotFoundError(
                f"{pointer[:500]!r} is not below {place}{self._prefix}; publishers and consumers "
                "must have the same claim_check"
            )
        client = await self._clients.s3()
        try:
            found = await client.get_object(Bucket=self._bucket, Key=pointer.removeprefix(place))
            async with found["Body"] as stream:
                size = found["ContentLength"]
                body = await stream.read() if size <= MAX_BYTES else b""
        except Exception as error:
            if code_of(error) in _GONE:
                raise NameNotFoundError(
                    f"{pointer!r} is not there any more; let the bucket's lifecycle rule keep "
                    "payloads for longer than queues keep events"
                ) from None
            raise self._failure(error, f"fetching {pointer!r}") from error
        if size > MAX_BYTES:
            raise NameNotFoundError(
                f"{pointer!r} has {size:,} bytes, and no event has more than {MAX_BYTES:,}"
            )
        return body

    def _key(self, event: Event, body: bytes) -> str:
        # Two events of one id, which should not be, must not get each other's payload.
        content = sha256(body).hexdigest()[:16]
        name = quote(event.id, safe="")
        if len(name) > _LONGEST_ID:
            name = sha256(event.id.encode()).hexdigest()
        return f"{self._prefix}{datetime.now(UTC):%Y/%m/%d}/{name}-{content}"

    def _failure(self, error: Exception, doing: str) -> EventRouteError:
        if code_of(error) == "NoSuchBucket":
            return ConfigurationError(
                f"{doing}: there is no bucket {self._bucket!r}; create it, or correct "
                "claim_check.bucket"
            )
        failure = translate(error, f"{doing} in the bucket {self._bucket}")
        if isinstance(failure, OutcomeUnknownError):
            return AdapterError(str(failure))  # of the event itself one knows: it was not published
        return failure
