"""What a receiver needs of a bus. Adapters know no bus, so the need is stated here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.envelope import Event

__all__ = ["Target"]


class Target(Protocol):
    """Takes events in, each under its own id. Every ``eventroute.Publisher`` is one."""

    async def publish(self, event: Event, *, headers: Mapping[str, str] | None = None) -> Event:
        """Publish one event.

        :raises EventRouteError: it was not accepted, or nobody knows.
        """
        ...

    async def publish_many(
        self, events: Sequence[Event], *, headers: Mapping[str, str] | None = None
    ) -> list[Event]:
        """Publish several.

        :raises PublishError: some were not accepted.
        """
        ...
