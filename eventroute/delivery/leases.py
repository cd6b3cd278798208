"""Extends the leases of what a worker holds."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from eventroute.delivery.report import logger
from eventroute.port import Extend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.clock import Clock
    from eventroute.port import Adapter, Delivery
    from eventroute.topology import Subscription

__all__ = ["keep_leases"]


async def keep_leases(
    subscription: Subscription,
    adapter: Adapter,
    clock: Clock,
    held: Callable[[], Sequence[Delivery]],
) -> None:
    """Extend, three times a lease, what ``held`` names; end only when cancelled.

    What is held already has been for some time, perhaps for as long as its handler held up others.
    """
    seconds, size = subscription.visibility_timeout, adapter.capabilities.batch_size
    first = min([one.lease_ends for one in held()], default=inf) - clock.now() - seconds * 2 / 3
    pause = min(max(0.0, first), seconds / 3)
    while True:
        await clock.sleep(pause)
        pause = seconds / 3
        due = held()
        for start in range(0, len(due), size):
            # What was settled meanwhile must not be extended: that would undo a release.
            still = {id(delivery) for delivery in held()}
            batch = [one for one in due[start : start + size] if id(one) in still]
            if batch:
                await _extend(subscription.name, adapter, batch, seconds, held)


async def _extend(
    name: str,
    adapter: Adapter,
    batch: list[Delivery],
    seconds: float,
    held: Callable[[], Sequence[Delivery]],
) -> None:
    try:
        errors = await adapter.settle([Extend(one, seconds) for one in batch])
    except Exception:
        logger.exception("%s: leases were not extended", name)
        return
    still = {id(delivery) for delivery in held()}
    for delivery, error in zip(batch, errors, strict=True):
        if error is not None and id(delivery) in still:
            logger.warning("%s: lease not extended: %s", name, error)
