"""The adapter of AWS backends that may keep an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eventroute_aws.adapter import AwsAdapter

if TYPE_CHECKING:
    from eventroute.port import ArchiveState, Capabilities, Replay
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.delaying import Delaying
    from eventroute_aws.parts import Provisioning
    from eventroute_aws.queues.consumer import Consumer

__all__ = ["Archiving", "ArchivingAwsAdapter"]


class Archiving(Protocol):
    """Keeps what was published."""

    async def replay(self, asked: Replay) -> int | None:
        """See :meth:`eventroute.port.Archive.replay`."""
        ...

    async def state(self) -> ArchiveState:
        """See :meth:`eventroute.port.DescribedArchive.describe_archive`."""
        ...


class ArchivingAwsAdapter(AwsAdapter):
    """An adapter that replays, too, where its options have it keep an archive.

    :param delays: publishes, and lets events wait.
    """

    def __init__(  # noqa: PLR0917  its parts, each once
        self,
        clients: Clients,
        capabilities: Capabilities,
        provisioner: Provisioning,
        delays: Delaying,
        consumer: Consumer,
        archive: Archiving,
    ) -> None:
        super().__init__(clients, capabilities, provisioner, delays, consumer, delays)
        self._archive = archive

    async def replay(self, replay: Replay) -> int | None:
        """See :class:`eventroute.port.Archive`."""
        self._must_be_open()
        return await self._archive.replay(replay)

    async def describe_archive(self) -> ArchiveState:
        """See :class:`eventroute.port.DescribedArchive`."""
        self._must_be_open()
        return await self._archive.state()
