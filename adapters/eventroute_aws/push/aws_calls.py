"""What a receiver asks AWS for, which is little."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, EventError
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.failures import code_of, translate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eventroute_aws.options import SnsOptions

__all__ = ["AwsCalls"]

# The second is what emulators say.
_REFUSED: Final = frozenset({"InvalidParameter", "InvalidParameterException"})


class AwsCalls:
    """Speaks to AWS as the backend's table of the configuration says.

    Each call has a connection of its own, unless somebody sees to it that kept ones are closed.
    """

    def __init__(self, options: SnsOptions) -> None:
        self._options = options
        self._kept: dict[str | None, Clients] | None = None

    def keep(self) -> None:
        """Keep connections until :meth:`close`."""
        if self._kept is None:
            self._kept = {}

    async def close(self) -> None:
        """Close what was kept, and keep nothing any more. Idempotent."""
        kept, self._kept = self._kept, None
        for clients in (kept or {}).values():
            await clients.close()

    async def confirm(self, topic: str, token: str) -> str:
        """Confirm a subscription, so that only AWS accounts with the right to do so can end it.

        :returns: the ARN of the subscription.
        :raises EventError: the token is none, or too old.
        :raises EventRouteError: the call failed.
        """
        async with self._clients(topic.split(":")[3]) as clients:
            client = await clients.sns()
            try:
                answer = await client.confirm_subscription(
                    TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true"
                )
            except Exception as error:
                if code_of(error) in _REFUSED:
                    raise EventError(str(error), pointer="/Token") from error
                raise translate(error, f"confirming a subscription of {topic}") from error
        return answer["SubscriptionArn"]

    async def fetch(self, claim: str) -> bytes:
        """Fetch an event that was too large for a message.

        :raises NameNotFoundError: it is not there any more, or was never one of ours.
        :raises AdapterError: there is no bucket in the options, or S3 did not give it.
        """
        if self._options.claim_check is None:
            raise AdapterError(
                f"the event lies at {claim[:200]!r}; give the receiver options={{'claim_check': "
                "{'bucket': ...}}, as its publisher has them"
            )
        async with self._clients(self._options.region) as clients:
            return await Claims(clients, self._options.claim_check).get(claim)

    @asynccontextmanager
    async def _clients(self, region: str | None) -> AsyncGenerator[Clients]:
        kept = self._kept
        clients = None if kept is None else kept.get(region)
        if clients is None:
            clients = Clients(self._options.model_copy(update={"region": region}))
            if kept is not None:
                kept[region] = clients
        await clients.open()
        try:
            yield clients
        finally:
            if kept is None:
                await clients.close()
