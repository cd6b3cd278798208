"""What an application has declared: routers with their subscribers, and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import DeclarationError
from eventroute.short_names import complete

if TYPE_CHECKING:
    from eventroute.delivery import Subscriber
    from eventroute.event_type import EventType
    from eventroute.router import Router
    from eventroute.topology import Route

__all__ = ["Declarations"]


class Declarations:
    """Routers go on declaring after they were included; what a bus was opened with stays."""

    def __init__(self) -> None:
        self._routers: list[Router] = []
        self._routes: list[Route] = []
        self._fixed: tuple[Subscriber, ...] | None = None
        self._removed: set[str] = set()

    def include(self, router: Router) -> None:
        """Add what a router declares.

        :raises DeclarationError: it is no router, is there already, or brings a second model of
            one version of an event type.
        """
        self.check(router)
        if router in self._routers:
            raise _included_already(router)
        self.check_models(router)
        self._routers.append(router)

    @staticmethod
    def check(router: object) -> None:
        """Refuse what is no router.

        :raises DeclarationError: naming it.
        """
        from eventroute.router import Router  # noqa: PLC0415  a program may publish only

        if not isinstance(router, Router):
            raise DeclarationError(
                f"{router!r} is no Router; write bus.include(one, two), or await bus.add(router)"
            )

    def check_models(self, *more: Router) -> None:
        """Refuse two models of one version of an event type.

        :param more: routers that are about to be included.
        :raises DeclarationError: naming both.
        """
        known: dict[tuple[str, str, int], EventType] = {}
        for one in (*self.event_types, *(found for each in more for found in _types_of(each))):
            twin = known.setdefault((one.topic, one.name, one.version), one)
            if twin.model is not one.model:
                raise _two_models(twin, one)

    def add_route(self, route: Route) -> None:
        """Add a route of the bus itself.

        :raises DeclarationError: its name is taken.
        """
        if any(one.name == route.name for one in self.routes):
            raise DeclarationError(f"there is a route {route.name!r} already; give another name=")
        self._routes.append(route)

    def fix(self, subscribers: tuple[Subscriber, ...]) -> None:
        """From now on these are all, whatever routers declare."""
        self._fixed = subscribers

    def unfix(self) -> None:
        """What routers declare counts again."""
        self._fixed = None

    def remove(self, subscription: str) -> None:
        """Leave a subscription out, by its full name."""
        self._removed.add(subscription)
        if self._fixed is not None:
            kept = (one for one in self._fixed if one.subscription.name != subscription)
            self._fixed = tuple(kept)

    def restore(self, subscription: str) -> None:
        """Leave a subscription out no longer."""
        self._removed.discard(subscription)

    @property
    def routers(self) -> tuple[Router, ...]:
        """Every router, in the order in which they were included."""
        return tuple(self._routers)

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Every subscriber of every router, or those that are fixed."""
        if self._fixed is not None:
            return self._fixed
        return tuple(
            one
            for router in self._routers
            for one in router.subscribers
            if one.subscription.name not in self._removed
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route, those of the bus first."""
        return (*self._routes, *(one for router in self._routers for one in router.routes))

    @property
    def event_types(self) -> tuple[EventType, ...]:
        """The types that are published and those that are subscribed to, each once."""
        published = [one for router in self._routers for one in router.published]
        read = [one.event_type for one in self.subscribers if one.event_type is not None]
        found = dict.fromkeys((*published, *read))
        return tuple(sorted(found, key=lambda one: (one.topic, one.name, one.version)))

    def added_by(self, router: Router) -> tuple[Subscriber, ...]:
        """The subscribers that come with a router, or come back with one that is there already.

        :raises DeclarationError: it is no router, or would bring nothing.
        """
        self.check(router)
        if router not in self._routers:
            return router.subscribers  # a name that is taken is refused later
        known = {one.subscription.name for one in self.subscribers}
        new = tuple(one for one in router.subscribers if one.subscription.name not in known)
        if not new:
            raise _included_already(router)
        return new

    def full_name(self, subscription: str) -> str:
        """Complete the name of a subscription.

        :raises NameNotFoundError: no subscription has this name, or several have.
        """
        names = [one.subscription.name for one in self.subscribers]
        return complete(subscription, names, kind="subscriptions")


def _types_of(router: Router) -> list[EventType]:
    """The event types that a router knows by now."""
    read = [one.event_type for one in router.subscribers if one.event_type is not None]
    return [*router.published, *read]


def _two_models(one: EventType, other: EventType) -> DeclarationError:
    """What each of them would read or write, nobody could tell."""
    first, second = (f"{each.model.__module__}.{each.model.__qualname__}" for each in (one, other))
    return DeclarationError(
        f"version {one.version} of {one.name!r} of {one.topic!r} is declared by two models, "
        f"{first} and {second}; keep one of them and import it from there, or give one another "
        "version=N"
    )


def _included_already(router: Router) -> DeclarationError:
    """What including a router twice raises."""
    return DeclarationError(f"the router {router.name!r} is included already")
