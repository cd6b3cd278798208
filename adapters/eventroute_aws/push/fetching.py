"""Gets a certificate over HTTPS: the only request that a message can cause."""

from __future__ import annotations

from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from eventroute.errors import AdapterError, SignatureError

__all__ = ["fetch_certificate"]

_MOST_BYTES: Final = 64 * 1024
_TIMEOUT: Final = 5.0

_LATER: Final = frozenset({408, 425, 429})
"""Refusals of now, which say nothing of the certificate."""


async def fetch_certificate(url: str, *, timeout: float = _TIMEOUT) -> bytes:
    """Get a PEM text. Redirects are not followed. The caller vouches for the URL.

    A proxy that ``HTTPS_PROXY`` names is used, as botocore does.

    :param timeout: seconds for all of it.
    :raises SignatureError: it is not there, or too large.
    :raises AdapterError: the server failed, was too busy, or did not answer in time.
    """
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=timeout), trust_env=True) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if 300 <= response.status < 500 and response.status not in _LATER:
                raise SignatureError(f"there is no certificate at {url} (HTTP {response.status})")
            if response.status != 200:
                raise AdapterError(f"fetching {url}: HTTP {response.status}")
            text = bytearray()
            async for chunk in response.content.iter_chunked(_MOST_BYTES):
                text += chunk
                if len(text) > _MOST_BYTES:
                    raise SignatureError(f"what is at {url} is larger than {_MOST_BYTES:,} bytes")
            return bytes(text)
    except (ClientError, OSError) as error:  # TimeoutError is an OSError
        raise AdapterError(f"fetching {url}: {type(error).__name__}: {error}") from error
