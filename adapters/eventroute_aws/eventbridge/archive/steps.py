"""Single steps of archives, as data, and what does them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from eventroute.port import Change
from eventroute_aws.eventbridge.apply import Applier

if TYPE_CHECKING:
    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.steps import Step as RuleStep

__all__ = ["ArchiveApplier", "ArchiveStep", "ChangeArchive", "CreateArchive", "DeleteArchive"]


@dataclass(frozen=True, slots=True)
class CreateArchive:
    """Create an archive.

    :ivar bus: ARN of the event bus.
    :ivar days: that it keeps events; 0 is for ever.
    :ivar key: of KMS; ``""`` for EventBridge's own.
    """

    name: str
    bus: str
    description: str
    days: int
    key: str = ""
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("create", f"archive {self.name}", self.details)


@dataclass(frozen=True, slots=True)
class ChangeArchive:
    """Let an archive keep events for another time, or under another key."""

    name: str
    days: int
    key: str | None = None
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("change", f"archive {self.name}", self.details)


@dataclass(frozen=True, slots=True)
class DeleteArchive:
    """Delete an archive with all that it holds.

    :ivar details: what that is.
    """

    name: str
    details: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """For people."""
        return Change("delete", f"archive {self.name}", self.details)


ArchiveStep: TypeAlias = "CreateArchive | ChangeArchive | DeleteArchive | RuleStep"


class ArchiveApplier:
    """Changes the archive, and rules of replays."""

    def __init__(self, clients: Clients, calls: Calls) -> None:
        self._clients = clients
        self._calls = calls
        self._rules = Applier(clients, calls)

    async def do(self, step: ArchiveStep) -> None:
        """Do a step.

        :raises ClientError: AWS refused.
        :raises EventRouteError: AWS could not be reached.
        """
        events = await self._clients.events()
        match step:
            case CreateArchive():
                key: Any = {"KmsKeyIdentifier": step.key} if step.key else {}
                await self._calls.make(
                    step.change,
                    lambda: events.create_archive(
                        ArchiveName=step.name,
                        EventSourceArn=step.bus,
                        Description=step.description,
                        RetentionDays=step.days,
                        **key,
                    ),
                )
            case ChangeArchive():
                changed: Any = {} if step.key is None else {"KmsKeyIdentifier": step.key}
                await self._calls.make(
                    step.change,
                    lambda: events.update_archive(
                        ArchiveName=step.name, RetentionDays=step.days, **changed
                    ),
                )
            case DeleteArchive():
                await self._calls.make(
                    step.change, lambda: events.delete_archive(ArchiveName=step.name)
                )
            case _:
                await self._rules.do(step)
