"""The group of our schedules: looked at, made and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from logging import getLogger
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio

from eventroute.errors import AdapterError
from eventroute.port import Change
from eventroute_aws.provisioning.places import place_of
from eventroute_aws.provisioning.tags import check_owner, lacking, listed, owns, read_list, tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import AwsOptions

__all__ = ["CreateGroup", "DeleteGroup", "GroupStep", "Groups", "TagGroup"]

logger: Final = getLogger("eventroute.aws")

_DELETING: Final = "DELETING"
_PAUSE: Final = 1.0
_PATIENCE: Final = 60
"""Seconds that a group may take to be deleted."""


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """Create a group."""

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def change(self) -> Change:
        """For people."""
        return Change("create", f"schedule group {self.name}")


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Give a group tags that it lacks."""

    name: str
    tags: Mapping[str, str]

    @property
    def change(self) -> Change:
        """For people."""
        told = tuple(f"tag {key}: {value!r}" for key, value in self.tags.items())
        return Change("change", f"schedule group {self.name}", told)


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """Delete a group with all its schedules."""

    name: str

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"schedule group {self.name}")


GroupStep: TypeAlias = CreateGroup | TagGroup | DeleteGroup


class Groups:
    """Asks EventBridge Scheduler for one group, and changes it."""

    def __init__(self, clients: Clients, calls: Calls, options: AwsOptions, name: str) -> None:
        self._clients = clients
        self._calls = calls
        self._options = options
        self._name = name

    async def missing(self) -> list[GroupStep]:
        """What has to be done so that it is as it should be.

        :raises ConfigurationError: it belongs to another prefix.
        """
        wanted = tags_of(self._options, {})
        there = await self._tags()
        if there is None:
            return [CreateGroup(self._name, wanted)]
        check_owner(f"the schedule group {self._name}", there, self._options.prefix)
        tags = lacking(wanted, there)
        return [TagGroup(self._name, tags)] if tags else []

    async def removal(self) -> list[GroupStep]:
        """What has to be done to be rid of it, where it is ours."""
        there = await self._tags()
        is_ours = there is not None and owns(self._options.prefix, there)
        return [DeleteGroup(self._name)] if is_ours else []

    async def do(self, step: GroupStep) -> None:
        """Do a step.

        :raises ClientError: AWS refused.
        :raises EventRouteError: AWS could not be reached.
        """
        scheduler = await self._clients.scheduler()
        name = self._name
        match step:
            case CreateGroup(_, tags):
                await self._gone()  # while one is being deleted, there can be no other of its name
                await self._calls.make(
                    step.change,
                    lambda: scheduler.create_schedule_group(Name=name, Tags=listed(tags)),
                )
            case TagGroup(_, tags):
                arn = await self._arn()
                await self._calls.make(
                    step.change,
                    lambda: scheduler.tag_resource(ResourceArn=arn, Tags=listed(tags)),
                )
            case DeleteGroup():
                await self._calls.make(
                    step.change, lambda: scheduler.delete_schedule_group(Name=name)
                )

    async def _tags(self) -> dict[str, str] | None:
        """The tags of the group; ``None`` where there is none, or it is being deleted."""
        if await self._state() in {None, _DELETING}:
            return None
        scheduler = await self._clients.scheduler()
        arn = await self._arn()
        found = await self._calls.ask(
            self._doing, lambda: scheduler.list_tags_for_resource(ResourceArn=arn)
        )
        return None if found is None else read_list(found["Tags"])

    async def _state(self) -> str | None:
        """``None`` where there is no such group."""
        scheduler = await self._clients.scheduler()
        group = await self._calls.ask(
            self._doing, lambda: scheduler.get_schedule_group(Name=self._name)
        )
        return None if group is None else group.get("State", "ACTIVE")

    async def _gone(self) -> None:
        """Wait while it is being deleted."""
        told = False
        with anyio.move_on_after(_PATIENCE):
            while await self._state() == _DELETING:
                if not told:
                    logger.info("waiting until the schedule group %s is deleted", self._name)
                    told = True
                await anyio.sleep(_PAUSE)
            return
        raise AdapterError(
            f"the schedule group {self._name} is still being deleted after {_PATIENCE} s; try "
            "again later"
        )

    @property
    def _doing(self) -> str:
        return f"looking at the schedule group {self._name}"

    async def _arn(self) -> str:
        return (await place_of(self._clients)).group(self._name)
