"""Deliver again what a backend has archived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eventroute.delivery.where import Where, pattern_of
from eventroute.errors import DeclarationError, UnsupportedError
from eventroute.plugins import backend_name
from eventroute.port import Archive, Replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Adapter

__all__ = ["replay_archive"]


async def replay_archive(
    adapter: Adapter,
    since: datetime,
    until: datetime | None,
    where: Where | None,
    subscriptions: Sequence[str] | None,
) -> int:
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
        raise UnsupportedError(
            f"the backend {backend_name(adapter)!r} keeps no archive; publish the events again "
            "from where they came, choose a backend with an archive, or redrive dead letters"
        )
    names = None if subscriptions is None else tuple(subscriptions)
    return await adapter.replay(Replay(since, until, pattern, names))
