"""Payloads too large for a message, in S3, and the pointers that travel in their stead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.envelope import Event
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import ClaimCheckOptions

__all__ = ["Claims"]


class Claims:
    """Puts payloads into a bucket, and fetches them."""

    def __init__(self, clients: Clients, options: ClaimCheckOptions) -> None:
        self._clients = clients
        self._options = options

    async def put(self, event: Event) -> str:
        """Store an event; return its pointer, for :meth:`get`: a short text without secrets.

        :raises AdapterError: S3 did not take it.
        """
        raise NotImplementedError

    async def get(self, pointer: str) -> bytes:
        """Fetch the envelope that a pointer names.

        :raises NameNotFoundError: it has expired, or the pointer is none.
        :raises AdapterError: S3 did not give it.
        """
        raise NotImplementedError
