"""What a handler needs of the bus: to publish what follows from an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pydantic import BaseModel

    from eventroute.envelope import Event

__all__ = ["Publisher"]


class Publisher(Protocol):
    """The publishing half of :class:`~eventroute.EventBus`.

    A handler that takes a parameter of this type is given the bus it runs on, whichever that is:
    so it publishes to the test's own bus in a test.
    """

    async def publish(
        self,
        event: BaseModel | Event,
        *,
        id: str | None = None,  # noqa: A002  the envelope's own name
        time: datetime | None = None,
        resources: tuple[str, ...] = (),
    ) -> Event:
        """Publish one event; return it as it was published.

        :param event: a payload whose class is declared with ``@event``, or a whole event.
        :param id: the id of a payload's event; random when left out. So with ``time`` and
            ``resources``, which belong to the envelope.
        :raises ContractViolationError: an untyped event breaks the contract of its type.
        :raises ContractNotFoundError: its type is not registered, and must be.
        :raises LimitExceededError: it is larger than the backend accepts.
        :raises PublishTimeoutError: a queue stayed full.
        :raises AdapterError: the backend failed.
        :raises NotOpenError: the bus is not open.
        """
        ...

    async def publish_many(self, events: Iterable[BaseModel | Event]) -> list[Event]:
        """Publish several events in few calls; return them as they were published.

        :raises PublishError: some were refused or failed; its ``outcomes`` has one entry per
            event. The others are published.
        """
        ...
