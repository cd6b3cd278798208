"""What ``subscribe(idempotent=...)`` takes: which events count as the same, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from math import inf
from typing import TYPE_CHECKING, Final

from eventroute.errors import DeclarationError
from eventroute.idempotency.port import Key
from eventroute.port import REPLAYED

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.envelope import Event
    from eventroute.idempotency.port import IdempotencyStore
    from eventroute.port import Delivery

__all__ = ["Idempotency"]

_LONGEST: Final = 256


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One effect per event.

    :ivar key: what makes two events the same: ``None`` is their id; a dotted path into
        ``detail``, such as ``"order_id"``; or a function of the event. Events of different topics
        or types are different in the first two cases, and one that lacks the member of the path
        goes by its id.
    :ivar window: seconds after an event was handled in which the same event is a duplicate.
    :ivar store: remembers what was handled; ``None`` is the store of the bus.
    :ivar accept_replayed: handle an event again, once for each replay, when it comes from an
        archive. Otherwise a replayed event is a duplicate like any other.
    """

    key: str | Callable[[Event], str] | None = None
    window: float = 86_400.0
    store: IdempotencyStore | None = None
    accept_replayed: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.key, str):
            if not all(self.key.split(".")):
                raise DeclarationError(
                    f"Idempotency(key={self.key!r}): must be a dotted path such as 'order_id'"
                )
        elif self.key is not None and not callable(self.key):
            raise DeclarationError(
                f"Idempotency(key={self.key!r}): must be a dotted path into detail, a function of "
                "the event, or None for its id"
            )
        number = isinstance(self.window, int | float) and not isinstance(self.window, bool)
        if not number or not 0 < self.window < inf:
            raise DeclarationError(f"Idempotency(window={self.window!r}): must be seconds over 0")
        if self.store is not None and not callable(getattr(self.store, "claim", None)):
            raise DeclarationError(f"Idempotency(store={self.store!r}): is no IdempotencyStore")

    def key_of(self, delivery: Delivery) -> Key:
        """The key of a delivery whose event can be read.

        :raises DeclarationError: the function of the event gave something else than a text.
        """
        parts = self._parts(delivery.event)
        replayed = delivery.headers.get(REPLAYED)
        if self.accept_replayed and replayed is not None:
            parts = [*parts, {"replayed": replayed}]
        text = dumps(parts, sort_keys=True, separators=(",", ":"))
        if len(text) > _LONGEST:
            text = f"sha256:{sha256(text.encode()).hexdigest()}"
        return Key(delivery.subscription, text)

    def _parts(self, event: Event) -> list[object]:
        if self.key is None:
            return [event.source, event.detail_type, event.id]
        if callable(self.key):
            found: object = self.key(event)
            if not isinstance(found, str):
                raise DeclarationError(
                    f"Idempotency(key=): the function gave {found!r} for the event {event.id}; "
                    "return a text"
                )
            return [found]
        value: object = event.detail
        for member in self.key.split("."):
            if not isinstance(value, dict) or value.get(member) is None:
                return [event.source, event.detail_type, event.id]
            value = value[member]
        return [event.source, event.detail_type, {self.key: value}]
