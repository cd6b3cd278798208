"""What a handler needs of the bus: to publish what follows from an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> Event:
        """Publish one event; return it as it was published.

        :param event: a payload whose class is declared with ``@event``, or a whole event.
        :param id: the id of a payload's event; random when left out. So with ``time`` and
            ``resources``, which belong to the envelope.
        :param headers: what travels beside the event, such as a trace context. Names are ASCII
            letters, digits, ``-``, ``_`` and ``.``; values are printable ASCII.
        :param delay: seconds until it counts as published, and is delivered.
        :param at: the moment instead, with a time zone; one that has passed is now.
        :param version: which version of its type's contract an untyped event fits. When left out,
            what ``event.contract_version`` says, or else the latest that the bus's contracts have.
        :raises ContractViolationError: an untyped event breaks the contract of its type.
        :raises ContractNotFoundError: its type is not registered, and must be.
        :raises LimitExceededError: it is larger than the backend accepts.
        :raises PublishTimeoutError: a queue stayed full.
        :raises OutcomeUnknownError: the backend did not answer, also when it was asked again; the
            event may be published. To publish it again, give the same ``id``.
        :raises AdapterError: the backend failed, also when it was asked again.
        :raises UnsupportedError: the backend does not delay that long.
        :raises NotOpenError: the bus is not open.
        """
        ...

    async def publish_many(
        self,
        events: Iterable[BaseModel | Event],
        *,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> list[Event]:
        """Publish several events in few calls; return them as they were published.

        Parameters are those of :meth:`publish`, for each of them. An event whose call had to be
        repeated takes its place behind those that were accepted at once.

        :raises PublishError: some were refused or failed; its ``outcomes`` has one entry per
            event. The others are published.
        """
        ...
