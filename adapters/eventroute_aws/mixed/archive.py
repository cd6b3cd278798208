"""The archive of the event bus, where other events are on SNS."""

from __future__ import annotations

from dataclasses import replace
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import UnsupportedError

if TYPE_CHECKING:
    from eventroute.port import ArchiveState, Replay
    from eventroute_aws.archiving import Archiving
    from eventroute_aws.mixed.provision import MixedProvisioner

__all__ = ["MixedArchive"]

logger: Final = getLogger("eventroute.aws")

_NOTE: Final = "What sources on SNS publish is not archived."


class MixedArchive:
    """The archiving half of the adapter.

    :param provisioner: knows which subscription is on which service.
    :param archive: of the event bus.
    """

    def __init__(self, provisioner: MixedProvisioner, archive: Archiving) -> None:
        self._provisioner = provisioner
        self._archive = archive

    async def replay(self, asked: Replay) -> int | None:
        """See :meth:`eventroute.port.Archive.replay`.

        :raises UnsupportedError: it names a subscription that SNS alone feeds.
        """
        parts = self._provisioner.parts
        by_topic = {one.name for one in parts["sns"]}
        by_rule = {one.name for one in parts["eventbridge"]}
        named = None if asked.subscriptions is None else set(asked.subscriptions)
        refused = sorted((named or set()) & (by_topic - by_rule))
        if refused:
            raise UnsupportedError(
                f"SNS keeps no archive that a replay can read, and alone feeds {_listed(refused)}; "
                'let EventBridge carry the sources: "eventbridge" in [aws.sources]'
            )
        partly = sorted(by_topic if named is None else by_topic & named)
        answer = await self._archive.replay(asked)
        if partly:
            logger.warning(
                "the replay has nothing of the sources on SNS, which feed %s", _listed(partly)
            )
        return answer

    async def state(self) -> ArchiveState:
        """See :meth:`eventroute.port.DescribedArchive.describe_archive`."""
        state = await self._archive.state()
        return replace(state, notes=(*state.notes, _NOTE))


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
