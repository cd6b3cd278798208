"""What waits in the stead of a message, or why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import LimitExceededError, UnsupportedError
from eventroute_aws.delays.resting import Resting
from eventroute_aws.delays.schedules import LARGEST_INPUT
from eventroute_aws.delays.timers import LONGEST_TIMER
from eventroute_aws.limits import LARGEST_BATCH

if TYPE_CHECKING:
    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims
    from eventroute_aws.options import AwsOptions

__all__ = ["Packer"]


class Packer:
    """Makes texts of messages."""

    def __init__(self, options: AwsOptions, claims: Claims | None) -> None:
        self._off = options.delays == "off"
        self._scheduled = options.scheduler_role is not None
        self._claims = claims

    async def text(self, message: Outgoing, due: float) -> str:
        """What waits; a large event goes to S3, if it may.

        :param due: seconds since 1970.
        :raises EventRouteError: it cannot wait that long, or is too large.
        """
        event, delay = message.event, message.delay
        self._refuse_delay(delay)
        limit = LARGEST_BATCH if delay <= LONGEST_TIMER else LARGEST_INPUT
        text = Resting(due, event.to_json(), message.headers).text()
        size = len(text.encode())
        if size > limit and self._claims is not None:
            claim = await self._claims.put(event)
            text = Resting(due, b"", message.headers, claim).text()
            size = len(text.encode())
        if size > limit:
            by = "SQS" if delay <= LONGEST_TIMER else "EventBridge Scheduler"
            raise LimitExceededError(
                f"the event {event.id} waits as {size:,} bytes, headers included, and {by} takes "
                f"{limit:,}. Set claim_check to store large payloads in S3, or publish a reference "
                "to the payload"
            )
        return text

    def _refuse_delay(self, delay: float) -> None:
        if self._off:
            raise UnsupportedError(
                f'the event is to be published in {delay:g} s, and the option delays is "off"; '
                "leave it out, or keep the event until then"
            )
        if delay > LONGEST_TIMER and not self._scheduled:
            raise UnsupportedError(
                f"the event is to be published in {delay:g} s, and SQS delays one by at most "
                f"{LONGEST_TIMER} s; name a scheduler_role, with which EventBridge Scheduler "
                "delays any longer, or keep the event until then"
            )
