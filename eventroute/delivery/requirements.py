"""What subscribers ask for, and a backend may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.delivery.middleware import handle_through
from eventroute.errors import DeclarationError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Capabilities
    from eventroute.topology import Route

__all__ = ["check_requirements", "check_routes"]


def check_requirements(subscribers: Iterable[Subscriber], can: Capabilities) -> None:
    """Refuse what cannot work, before anything is created.

    :raises UnsupportedError: naming the subscription, and what the backend lacks.
    :raises DeclarationError: a payload model cannot be read yet, or middleware stands around lists.
    """
    declared = list(subscribers)
    ordered = [one.subscription.name for one in declared if one.subscription.ordered_by is not None]
    if ordered and not can.ordered:
        raise UnsupportedError(
            f"{', '.join(map(repr, ordered))}: ordered, and this backend does not keep order; "
            "leave ordered_by out, or choose a backend that does, such as sqlite, sns, or aws with "
            "their sources on SNS"
        )
    for subscriber in declared:
        subscription = subscriber.subscription
        longest, delay = can.max_release_delay, subscriber.retry.longest_delay
        if longest is not None and delay > longest:
            raise UnsupportedError(
                f"{subscription.name!r} may wait {delay:g} s before a retry, and this backend "
                f"delays at most {longest:g} s; lower Retry(longest=)"
            )
        most, attempts = can.max_attempts, subscriber.retry.attempts
        if most is not None and attempts > most:
            raise UnsupportedError(
                f"{subscription.name!r} makes {attempts} attempts, and this backend dead-letters "
                f"an event by itself, without a reason, after {most}; lower Retry(attempts=), or "
                "raise the backend's own limit, such as max_receive_count"
            )
        subscriber.handler.check()
        if subscriber.handler.takes_many and handle_through(subscriber.middleware) is not None:
            raise DeclarationError(
                f"{subscription.name!r} takes lists, and there is middleware around handlers of "
                "one event; give it to the routers whose handlers take one, not to this one's"
            )


def check_routes(routes: Iterable[Route], can: Capabilities) -> None:
    """Refuse routes that the backend cannot take, before anything is created.

    :raises UnsupportedError: naming the route and its target.
    """
    for route in routes:
        if route.target.kind not in can.targets:
            reachable = f"only {', '.join(sorted(can.targets))}" if can.targets else "none"
            raise UnsupportedError(
                f"the route {route.name!r} leads to a {route.target.kind}, and of such targets "
                f"this backend delivers to {reachable}; run it on the eventbridge backend, or "
                "subscribe a handler that calls the target"
            )
