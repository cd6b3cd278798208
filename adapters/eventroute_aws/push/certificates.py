"""The certificates that SNS signs with: from SNS itself, and from nowhere else."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
from cryptography.x509 import Certificate, load_pem_x509_certificate

from eventroute.clock import SystemClock
from eventroute.errors import SignatureError
from eventroute_aws.push.fetching import fetch_certificate
from eventroute_aws.push.turns import Turns

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["Certificates", "Fetch", "region_of"]

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Gets the PEM text at a URL. Raises :class:`~eventroute.errors.SignatureError` where there is
none, and :class:`~eventroute.errors.AdapterError` where nobody answers."""

# A Region is spelled out because `sns.s3-us-west-2.amazonaws.com` is a bucket of S3, not SNS.
_URL: Final = re.compile(
    r"https://sns\.([a-z]{2}(?:-[a-z]+)+-[0-9]{1,2})\.amazonaws\.com(?:\.cn)?"
    r"/SimpleNotificationService-[0-9a-f]{32}\.pem",
    re.ASCII,
)
_AT_ONCE: Final = 8
_MOST: Final = 64
_MOST_REFUSED: Final = 1_000
_REFUSED_FOR: Final = 60.0


def region_of(url: str) -> str:
    """The region whose SNS has a certificate at a URL.

    :raises SignatureError: the URL is none of SNS.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise SignatureError(
            f"{url[:200]!r} is no certificate of SNS; those are at "
            "https://sns.REGION.amazonaws.com/SimpleNotificationService-....pem"
        )
    return found[1]


class Certificates:
    """Fetches certificates once, and keeps them.

    The URL comes with a message that nobody has verified, so it must be one of SNS. A URL is
    fetched by one at a time, eight are at once, and one without a certificate is not asked again
    for a minute.

    :param fetch: gets them; over HTTPS when left out.
    """

    def __init__(self, fetch: Fetch = fetch_certificate, *, clock: Clock | None = None) -> None:
        self._fetch = fetch
        self._clock = clock or SystemClock()
        self._turns: Turns[str] = Turns()
        self._slots = anyio.Semaphore(_AT_ONCE)
        self._known: OrderedDict[str, Certificate] = OrderedDict()
        self._refused: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def get(self, url: str) -> Certificate:
        """The certificate at a URL.

        :raises SignatureError: the URL is none of SNS, or no certificate is there.
        :raises AdapterError: SNS did not answer; later it may.
        """
        region_of(url)
        if (known := self._look_up(url)) is not None:
            return known
        async with self._turns.of(url), self._slots:
            if (known := self._look_up(url)) is not None:  # somebody was faster
                return known
            try:
                certificate = _read(await self._fetch(url), url)
            except SignatureError as error:
                self._refused[url] = (self._clock.now() + _REFUSED_FOR, str(error))
                while len(self._refused) > _MOST_REFUSED:
                    self._refused.popitem(last=False)
                raise
            self._known[url] = certificate
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
            return certificate

    def _look_up(self, url: str) -> Certificate | None:
        known = self._known.get(url)
        if known is not None:
            self._known.move_to_end(url)
            return known
        until, reason = self._refused.get(url, (0.0, ""))
        if reason and self._clock.now() < until:
            raise SignatureError(reason)
        self._refused.pop(url, None)
        return None


def _read(text: bytes, url: str) -> Certificate:
    try:
        return load_pem_x509_certificate(text)
    except ValueError:
        raise SignatureError(f"what is at {url} is no certificate in PEM") from None
