"""Schedules that send an event to the queue of the delayed ones, a moment before it is due.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedError
from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.provisioning.places import place_of

if TYPE_CHECKING:
    from eventroute.envelope import Event
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site

__all__ = ["LARGEST_INPUT", "Schedules", "expression_of", "schedule_name"]

logger: Final = getLogger("eventroute.aws")

LARGEST_INPUT: Final = 262_144
"""Bytes of what a schedule sends."""

_MARGIN: Final = 60
"""Seconds by which a schedule comes too early, as Scheduler is up to a minute late."""

_TRIES: Final = 185
_PATIENCE: Final = 86_400
"""Seconds in which Scheduler tries to reach the queue."""


def schedule_name(prefix: str, event: Event) -> str:
    """The same for each publish of an event: 64 characters at most."""
    digest = sha256(f"{event.source}\n{event.id}".encode(errors="surrogatepass")).hexdigest()[:32]
    return f"{prefix}-{digest}" if prefix else digest


def expression_of(due: float) -> str:
    """When the schedule of an event comes, in UTC.

    :param due: seconds since 1970.
    :raises UnsupportedError: nobody can write down that moment.
    """
    try:
        moment = datetime.fromtimestamp(int(due) - _MARGIN, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnsupportedError(
            f"the event is to be published {due:g} s after 1970, and EventBridge Scheduler knows "
            "the years up to 9999; choose an earlier time"
        ) from None
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


class Schedules:
    """Makes and counts schedules.

    :param role: ARN of the role with which Scheduler sends to the queue.
    """

    def __init__(self, clients: Clients, prefix: str, role: str, site: Site) -> None:
        self._clients = clients
        self._prefix = prefix
        self._role = role
        self._site = site

    async def create(self, event: Event, text: str, due: float) -> None:
        """Let a text arrive in the queue up to a minute before a moment.

        An event that has a schedule keeps it: a publish that is repeated adds none.

        :raises EventRouteError: as :func:`eventroute_aws.failures.translate` says.
        """
        site = self._site
        expression = expression_of(due)
        name = schedule_name(self._prefix, event)
        place = await place_of(self._clients)
        scheduler = await self._clients.scheduler()
        doing = f"scheduling the event {event.id} in the group {site.group}"
        try:
            await scheduler.create_schedule(
                Name=name,
                GroupName=site.group,
                ScheduleExpression=expression,
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": place.queue(site.name),
                    "RoleArn": self._role,
                    "Input": text,
                    "RetryPolicy": {
                        "MaximumRetryAttempts": _TRIES,
                        "MaximumEventAgeInSeconds": _PATIENCE,
                    },
                    "DeadLetterConfig": {"Arn": place.queue(site.dead_name)},
                },
            )
        except Exception as error:
            if code_of(error) != "ConflictException":
                raise translate(error, doing) from error
            logger.debug("the event %s has its schedule %s already", event.id, name)

    async def count(self) -> int:
        """How many schedules there are; at most 100 are counted."""
        scheduler = await self._clients.scheduler()
        group = self._site.group
        try:
            answer = await scheduler.list_schedules(GroupName=group, MaxResults=100)
        except Exception as error:
            if code_of(error) in MISSING:
                return 0
            raise translate(error, f"counting the schedules of the group {group}") from error
        return len(answer["Schedules"])
