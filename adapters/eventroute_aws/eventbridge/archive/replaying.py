"""Replays what the archive keeps, and tells what that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from logging import getLogger
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final

import anyio

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute.port import ArchiveState
from eventroute_aws.calls import Calls
from eventroute_aws.eventbridge.apply import Applier
from eventroute_aws.eventbridge.archive.found import ArchiveFinder, mark_of
from eventroute_aws.eventbridge.archive.leftovers import Leftovers, removal_of_rules
from eventroute_aws.eventbridge.archive.names import new_replay
from eventroute_aws.eventbridge.archive.rules import (
    check_room,
    chosen_rules,
    phases_of_rules,
    rule_for_replay,
)
from eventroute_aws.eventbridge.archive.run import GoesOnError, ReplayRun
from eventroute_aws.eventbridge.archive.where import carried, pattern_of_replay
from eventroute_aws.eventbridge.found import Finder
from eventroute_aws.provisioning.places import place_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from eventroute.port import Replay
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.archive.found import FoundArchive
    from eventroute_aws.eventbridge.resources import DesiredRule
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["Replays"]

logger: Final = getLogger("eventroute.aws")

_LAG: Final = timedelta(minutes=10)
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html, "Event delivery"."""

_DAY: Final = 86_400.0
_PATIENCE: Final = 30.0
"""Seconds for tidying up after a cancelled replay."""

_NOTES: Final = (
    "EventBridge counts events and bytes again once a day.",
    "An event may take ten minutes to reach the archive.",
)


class Replays:
    """The archiving half of the adapter."""

    def __init__(self, clients: Clients, options: EventBridgeOptions) -> None:
        self._clients = clients
        self._options = options
        self._calls = Calls()
        self._archives = ArchiveFinder(clients, self._calls, options)
        self._finder = Finder(clients, self._calls, options)
        self._leftovers = Leftovers(clients, self._calls, self._finder, options)

    async def replay(self, asked: Replay) -> int | None:
        """See :meth:`eventroute.port.Archive.replay`. Goes by the events' own time, in seconds."""
        where = None if asked.pattern is None else carried(asked.pattern, self._options)
        archive = await self._archive()
        every = await self._finder.rules()
        tidying = await self._leftovers.removal(every)
        await Applier(self._clients, self._calls).apply(tidying)
        chosen = await chosen_rules(self._finder, every, asked.subscriptions, self._options)
        now = datetime.now(UTC)
        since, until = _seconds(asked, now)
        if since >= until or not chosen:
            return 0
        if until > now - _LAG:
            logger.warning(
                "an event may take ten minutes to reach the archive: what was published after "
                "%s may be missing from this replay",
                (now - _LAG).isoformat(timespec="seconds"),
            )
        name = new_replay(self._options.prefix, now)
        run = ReplayRun(self._clients, self._calls, name)
        request = {"EventSourceArn": archive.arn, "EventStartTime": since, "EventEndTime": until}
        if where is None:
            await self._run(run, asked, request, archive.bus, [rule.arn for rule in chosen])
        else:
            pattern = pattern_of_replay(where, name)
            place = await place_of(self._clients)
            rules = [rule_for_replay(one, pattern, name, self._options, place) for one in chosen]
            check_room(rules, len(every) - len(tidying[-1]), self._options)
            await self._run_by(rules, run, asked, request, archive.bus)
        return None

    async def state(self) -> ArchiveState:
        """See :class:`eventroute.port.DescribedArchive`."""
        there = await self._archive()
        state = there.state.lower().replace("_", " ")
        return ArchiveState(
            f"archive {there.name} of the event bus {self._options.bus}",
            f"{state} ({there.reason})" if there.reason else state,
            there.events,
            there.size,
            _first_moment(there, datetime.now(UTC)),
            there.days * _DAY if there.days else None,
            notes=_NOTES,
        )

    async def _archive(self) -> FoundArchive:
        options = self._options
        if options.archive == "off":
            raise UnsupportedError(
                f"the event bus has no archive unless told to; set {options.table}.archive to the "
                'days that events are to be kept, or to "forever"'
            )
        there = await self._archives.archive()
        if there is None or there.description != mark_of(options.prefix):
            raise ConfigurationError(
                f"there is no archive {self._archives.name} of ours; `eventroute apply` makes it, "
                "and it keeps what is published from then on"
            )
        return there

    async def _run(
        self,
        run: ReplayRun,
        asked: Replay,
        request: Mapping[str, Any],
        bus: str,
        rules: Sequence[str],
    ) -> None:
        """Replay to rules, by their ARNs; cancelled, the replay ends, too."""
        try:
            await run.start(**request, Destination={"Arn": bus, "FilterArns": rules})
            await run.follow(asked.progress)
        except anyio.get_cancelled_exc_class():
            with anyio.move_on_after(_PATIENCE, shield=True):
                await run.cancel()
            raise

    async def _run_by(
        self,
        rules: Collection[DesiredRule],
        run: ReplayRun,
        asked: Replay,
        request: Mapping[str, Any],
        bus: str,
    ) -> None:
        """The same with rules that are there for nothing else."""
        applier = Applier(self._clients, self._calls)
        removal = removal_of_rules(
            self._options.bus, {rule.name: [one.id for one in rule.targets] for rule in rules}
        )
        try:
            await applier.apply(phases_of_rules(rules))
            await anyio.sleep(self._options.rule_lag)
            await self._run(run, asked, request, bus, [rule.arn for rule in rules])
            await anyio.sleep(self._options.rule_lag)
        except GoesOnError:
            raise  # it needs them; the next replay, or `eventroute apply`, removes them
        except BaseException:
            with anyio.move_on_after(_PATIENCE, shield=True):
                await applier.apply(removal)
            raise
        await applier.apply(removal)


def _seconds(asked: Replay, now: datetime) -> tuple[datetime, datetime]:
    """Whole seconds, as EventBridge takes and keeps them: rather more than less."""
    since = floor(asked.since.timestamp())
    until = min(ceil(asked.until.timestamp()), floor(now.timestamp()) + 1)
    return datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)


def _first_moment(archive: FoundArchive, now: datetime) -> datetime | None:
    if archive.created is None or not archive.days:
        return archive.created
    return max(archive.created, now - timedelta(days=archive.days))
