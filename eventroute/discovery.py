"""Contracts from live traffic: a subscription of its own that infers, and leaves others alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.delivery.retry import Retry
from eventroute.envelope import Event  # noqa: TC001  a handler's annotations are read
from eventroute.registry.inference import Inference
from eventroute.router import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventroute.pattern import Pattern

__all__ = ["EVERYTHING", "Discovery"]

EVERYTHING: Final[Mapping[str, Any]] = {"source": [{"exists": True}]}
"""The pattern of every event."""


class Discovery:
    """Infers contracts from the events that reach a subscription named ``eventroute.discovery``.

    Include its router, or add it while the bus is open and remove it when enough was seen:

    >>> discovery = Discovery()
    >>> discovery.router.name
    'eventroute'

    :param where: an event pattern; every event when left out.
    :param inference: what to go on with; a new one when left out.
    :param on_event: is called after each event.
    :ivar inference: what was inferred so far.
    :ivar router: the router to include.
    """

    SUBSCRIPTION: Final = "eventroute.discovery"

    def __init__(
        self,
        where: Pattern | Mapping[str, Any] | str = EVERYTHING,
        *,
        inference: Inference | None = None,
        on_event: Callable[[], None] = lambda: None,
    ) -> None:
        self.inference: Final = inference or Inference()
        self.router: Final = Router("eventroute")
        self._on_event = on_event
        self.router.subscribe(where, name="discovery", retry=Retry.none())(self._observe)

    async def _observe(self, event: Event) -> None:
        self.inference.add(event)
        self._on_event()
