"""Deliver again what a backend has archived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eventroute.delivery.where import Where, pattern_of
from eventroute.errors import DeclarationError, UnsupportedError
from eventroute.plugins import backend_name
from eventroute.port import Archive, DescribedArchive, Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.port import Adapter, ArchiveState

__all__ = ["describe_archive", "replay_archive"]

_NONE = (
    "the backend {!r} keeps no archive; publish the events again from where they came, choose a "
    "backend with an archive, or redrive dead letters"
)


async def describe_archive(adapter: Adapter) -> ArchiveState:
    """See :meth:`EventBus.archive_state <eventroute.EventBus.archive_state>`."""
    if not isinstance(adapter, Archive):
        raise UnsupportedError(_NONE.format(backend_name(adapter)))
    if not isinstance(adapter, DescribedArchive):
        raise UnsupportedError(
            f"the backend {backend_name(adapter)!r} does not tell what its archive keeps; replay it"
        )
    return await adapter.describe_archive()


async def replay_archive(  # noqa: PLR0917  as the bus takes them
    adapter: Adapter,
    since: datetime,
    until: datetime | None,
    where: Where | None,
    subscriptions: Sequence[str] | None,
    progress: Callable[[datetime | None], None] | None = None,
) -> int | None:
    """See :meth:`EventBus.replay <eventroute.EventBus.replay>`.

    :param subscriptions: full names.
    """
    until = until or datetime.now(UTC)
    for name, moment in (("since", since), ("until", until)):
        if moment.tzinfo is None:
            raise DeclarationError(
                f"{name}={moment.isoformat()!r} has no time zone; write datetime(..., tzinfo=UTC)"
            )
    if since >= until:
        raise DeclarationError(
            f"since={since.isoformat()!r} is not before until={until.isoformat()!r}; swap them"
        )
    pattern = pattern_of(where)
    if not isinstance(adapter, Archive):
        raise UnsupportedError(_NONE.format(backend_name(adapter)))
    names = None if subscriptions is None else tuple(subscriptions)
    return await adapter.replay(Replay(since, until, pattern, names, progress))
