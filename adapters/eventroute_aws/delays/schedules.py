"""Schedules that send an event to the queue of the delayed ones, a moment before it is due.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, EventError, UnsupportedError
from eventroute_aws.delays.resting import Resting, read_resting
from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.provisioning.places import place_of

if TYPE_CHECKING:
    from eventroute.envelope import Event
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site

__all__ = ["LARGEST_INPUT", "Schedules", "count_schedules", "expression_of", "schedule_name"]

logger: Final = getLogger("eventroute.aws")

LARGEST_INPUT: Final = 262_144
"""Bytes of what a schedule sends."""

_MARGIN: Final = 60
"""Seconds by which a schedule comes too early, as Scheduler is up to a minute late."""

_TRIES: Final = 185
_PATIENCE: Final = 86_400
"""Seconds in which Scheduler tries to reach the queue."""


_SAME: Final = 60
"""Seconds between the moments of one publish that is repeated, at most."""


def schedule_name(prefix: str, event: Event, text: str = "") -> str:
    """The same for each publish of an event: 64 characters at most.

    :param text: what waits, where an event has several schedules.
    """
    named = f"{event.source}\n{event.id}" + (f"\n{text}" if text else "")
    digest = sha256(named.encode(errors="surrogatepass")).hexdigest()[:32]
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


async def count_schedules(clients: Clients, group: str) -> int:
    """How many schedules a group has, at most 100; 0 where there is no such group.

    :raises EventRouteError: as :func:`eventroute_aws.failures.translate` says.
    """
    scheduler = await clients.scheduler()
    try:
        answer = await scheduler.list_schedules(GroupName=group, MaxResults=100)
    except Exception as error:
        if code_of(error) in MISSING:
            return 0
        raise translate(error, f"counting the schedules of the group {group}") from error
    return len(answer["Schedules"])


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

        A publish that is repeated adds none: the same content, due within a minute. What differs
        has a schedule of its own.

        :raises EventRouteError: as :func:`eventroute_aws.failures.translate` says.
        """
        expression = expression_of(due)
        wanted = read_resting(text)
        doing = f"scheduling the event {event.id} in the group {self._site.group}"
        name = schedule_name(self._prefix, event)
        if await self._make(name, expression, text, doing):
            return
        there = await self._waiting(name, doing)
        if there is not None and _is_same(there, wanted):
            logger.debug("the event %s has its schedule %s already", event.id, name)
            return
        name = schedule_name(self._prefix, event, text)
        if await self._make(name, expression, text, doing):
            return
        # Scheduler calls by the same name what has nothing to do with another schedule.
        if await self._waiting(name, doing) is None:
            raise AdapterError(
                f"{doing}: Scheduler sees a conflict, and there is no such schedule; is the group "
                "being deleted?"
            )

    async def count(self) -> int:
        """How many schedules there are; at most 100 are counted."""
        return await count_schedules(self._clients, self._site.group)

    async def _make(self, name: str, expression: str, text: str, doing: str) -> bool:
        """Create a schedule; ``False`` where Scheduler sees a conflict."""
        site = self._site
        place = await place_of(self._clients)
        scheduler = await self._clients.scheduler()
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
            return False
        return True

    async def _waiting(self, name: str, doing: str) -> Resting | None:
        """What a schedule sends; ``None`` where there is none, or one of others."""
        scheduler = await self._clients.scheduler()
        try:
            found = await scheduler.get_schedule(Name=name, GroupName=self._site.group)
            return read_resting(found["Target"].get("Input", ""))
        except EventError:
            return None
        except Exception as error:
            if code_of(error) in MISSING:
                return None
            raise translate(error, doing) from error


def _is_same(one: Resting, other: Resting) -> bool:
    return (
        one.body == other.body
        and dict(one.headers) == dict(other.headers)
        and one.claim == other.claim
        and abs(one.due - other.due) <= _SAME
    )
