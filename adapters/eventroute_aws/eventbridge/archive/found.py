"""Looks at the archive of the event bus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.names import Names

if TYPE_CHECKING:
    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["ArchiveFinder", "FoundArchive", "in_utc", "mark_of"]


@dataclass(frozen=True, slots=True)
class FoundArchive:
    """An archive as it is.

    :ivar bus: ARN of the event bus.
    :ivar state: as EventBridge calls it, such as ``"ENABLED"``.
    :ivar days: that it keeps events; 0 is for ever.
    :ivar key: of KMS; ``""`` where EventBridge uses its own.
    :ivar events: how many it holds; EventBridge counts again once a day.
    :ivar size: bytes of them.
    """

    name: str
    arn: str
    bus: str
    state: str
    reason: str = ""
    description: str = ""
    pattern: str = ""
    days: int = 0
    key: str = ""
    events: int = 0
    size: int = 0
    created: datetime | None = None


def in_utc(moment: datetime | None) -> datetime | None:
    """The same, where AWS told one at all."""
    return None if moment is None else moment.astimezone(UTC)


def mark_of(prefix: str) -> str:
    """The description of an archive of ours, by which it is known: archives have no tags."""
    return f"Kept by eventroute for the prefix {prefix!r}"


class ArchiveFinder:
    """Asks EventBridge; changes nothing.

    :ivar name: of the archive, whether there is one or not.
    """

    def __init__(self, clients: Clients, calls: Calls, options: EventBridgeOptions) -> None:
        self._clients = clients
        self._calls = calls
        self.name = Names(options.prefix).archive(options.bus)

    async def archive(self) -> FoundArchive | None:
        """The archive, ``None`` where there is none."""
        events = await self._clients.events()
        found = await self._calls.ask(
            f"looking at the archive {self.name}",
            lambda: events.describe_archive(ArchiveName=self.name),
        )
        if found is None:
            return None
        return FoundArchive(
            self.name,
            found.get("ArchiveArn", ""),
            found.get("EventSourceArn", ""),
            found.get("State", ""),
            found.get("StateReason", ""),
            found.get("Description", ""),
            found.get("EventPattern", ""),
            found.get("RetentionDays", 0),
            found.get("KmsKeyIdentifier", ""),
            found.get("EventCount", 0),
            found.get("SizeBytes", 0),
            in_utc(found.get("CreationTime")),
        )
