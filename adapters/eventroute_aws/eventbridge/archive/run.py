"""One replay, from its start to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

import anyio
from botocore.exceptions import ClientError

from eventroute.errors import AdapterError, EventRouteError, LimitExceededError
from eventroute_aws.eventbridge.archive.found import in_utc
from eventroute_aws.failures import MISSING, code_of, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients

__all__ = ["GoesOnError", "ReplayRun"]

logger: Final = getLogger("eventroute.aws")

_UNKNOWN: Final = 20
"""Looks, about a minute and a half, after which a replay that EventBridge does not know is lost."""

_FIRST: Final = 0.2
_LONGEST: Final = 5.0
"""Seconds between two looks."""

_OVER: Final = frozenset({"ResourceNotFoundException", "IllegalStatusException"}) | MISSING


class GoesOnError(AdapterError):
    """EventBridge could not be asked any more; the replay goes on without us."""


class ReplayRun:
    """A replay of EventBridge.

    :param name: that no other replay has.
    """

    def __init__(self, clients: Clients, calls: Calls, name: str) -> None:
        self._clients = clients
        self._calls = calls
        self._name = name

    async def start(self, **request: Any) -> None:  # noqa: ANN401  members of StartReplay
        """Start it. A cancelled call waits until that is done, or refused.

        :raises LimitExceededError: too many replays run in the account.
        :raises EventRouteError: AWS refused, or could not be reached.
        """
        events = await self._clients.events()
        doing = f"starting the replay {self._name}"
        try:
            with anyio.CancelScope(shield=True):
                await self._calls.call(
                    doing, lambda: events.start_replay(ReplayName=self._name, **request)
                )
        except ClientError as error:
            code = code_of(error)
            if code == "ResourceAlreadyExistsException":
                return  # the answer to an earlier try was lost
            if code == "LimitExceededException":
                raise LimitExceededError(
                    f"{doing}: EventBridge runs no more replays at once in an account and region, "
                    f"ten unless AWS raised that ({error}); try again when one has ended, or "
                    "cancel one with `aws events cancel-replay`"
                ) from error
            raise translate(error, doing) from error

    async def follow(self, progress: Callable[[datetime | None], None] | None) -> None:
        """Wait until everything is replayed.

        :raises GoesOnError: EventBridge cannot be asked any more.
        :raises AdapterError: it failed, or somebody cancelled it.
        """
        pause = _FIRST
        last: datetime | None = datetime.min.replace(tzinfo=UTC)
        unknown = 0
        while True:
            state, reason, moment = await self._look()
            if progress is not None and moment != last:
                progress(moment)
            last = moment
            unknown = 0 if state else unknown + 1
            match state:
                case "COMPLETED":
                    return
                case "FAILED":
                    raise AdapterError(f"the replay {self._name} failed: {reason or 'no reason'}")
                case "CANCELLED":
                    raise AdapterError(f"somebody cancelled the replay {self._name}")
                case "" if unknown == _UNKNOWN:
                    raise AdapterError(f"EventBridge does not know the replay {self._name}")
                case _:
                    await anyio.sleep(pause)
                    pause = min(pause * 2, _LONGEST)

    async def cancel(self) -> None:
        """Stop it; what it had delivered stays."""
        events = await self._clients.events()
        doing = f"cancelling the replay {self._name}"
        try:
            await self._calls.call(doing, lambda: events.cancel_replay(ReplayName=self._name))
        except ClientError as error:
            if code_of(error) not in _OVER:
                logger.warning("%s", translate(error, doing))
        except EventRouteError as error:
            logger.warning("%s; it may go on", error)
        else:
            logger.warning("the replay %s was cancelled; what it had delivered stays", self._name)

    async def _look(self) -> tuple[str, str, datetime | None]:
        events = await self._clients.events()
        doing = f"looking at the replay {self._name}"
        try:
            found = await self._calls.ask(
                doing, lambda: events.describe_replay(ReplayName=self._name)
            )
        except EventRouteError as error:
            raise GoesOnError(f"{error}; the replay goes on without being watched") from error
        if found is None:
            return "", "", None  # not yet
        moment = in_utc(found.get("EventLastReplayedTime"))
        return found.get("State", ""), found.get("StateReason", ""), moment
