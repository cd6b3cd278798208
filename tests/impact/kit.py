"""Contracts to change, and subscriptions that the change concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute import Event, Router
from eventroute.impact import Effect, Impact, impact
from eventroute.registry import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.idempotency import Idempotency

TOPIC, TYPE = "shop.orders", "OrderPlaced"
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}


def fields(*required: str, **properties: object) -> dict[str, Any]:
    """The schema of an object that may have other members, too."""
    return {"type": "object", "properties": properties, "required": list(required)}


def contract(version: int, schema: Mapping[str, object], *, type_: str = TYPE) -> Contract:
    return Contract(TOPIC, type_, version, schema)


def ruled(
    detail: Mapping[str, object] | None = None,
    *,
    pattern: Mapping[str, object] | None = None,
    name: str = "one",
    ordered_by: str | None = None,
    idempotent: bool | Idempotency = False,
) -> Router:
    """A router with one subscription whose handler takes any event."""
    router = Router("billing")
    whole: dict[str, object] = {"source": [TOPIC], "detail-type": [TYPE]}
    if detail is not None:
        whole["detail"] = detail

    @router.subscribe(
        whole if pattern is None else dict(pattern),
        name=name,
        ordered_by=ordered_by,
        idempotent=idempotent,
    )
    def handle(event: Event) -> None:
        """Never called."""

    return router


def change(old: Mapping[str, object], new: Mapping[str, object], *routers: Router) -> Impact:
    """What version 2 does to the subscriptions and routes of routers."""
    return impact(
        contract(1, old),
        contract(2, new),
        [one for router in routers for one in router.subscribers],
        [one for router in routers for one in router.routes],
    )


def only(found: Impact) -> Effect:
    """The one effect that there is."""
    assert len(found.effects) == 1, found.effects
    return found.effects[0]
