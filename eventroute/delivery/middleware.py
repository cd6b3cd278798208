"""What an application puts around every publish and every handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

from eventroute.errors import DeclarationError, EventRouteError
from eventroute.port import Delivery, Outgoing

__all__ = [
    "HandleNext",
    "Middleware",
    "PublishNext",
    "checked",
    "handle_through",
    "publish_through",
]

HandleNext: TypeAlias = Callable[[Delivery], Awaitable[None]]

PublishNext: TypeAlias = Callable[
    [Sequence[Outgoing]], Awaitable[Sequence["EventRouteError | None"]]
]


class Middleware:
    """Derive from it and override one method or both; what is not overridden costs nothing.

    The first one that was added is the outermost: those of the bus, then those of the router,
    then those of the subscription.
    """

    async def handle(self, delivery: Delivery, call_next: HandleNext) -> None:
        """Stand around a handler.

        The event matches, and is no duplicate. What raises here is a failed attempt, as if the
        handler had raised it; :class:`~eventroute.RejectError` buries the event. To return without
        calling on counts as handled. What is called on with another delivery hands its body and
        headers to the handler; the one that was received is settled. Calling on twice calls the
        handler twice.

        :param call_next: reads the payload, and calls the handler; returns when it has returned.
        """
        await call_next(delivery)

    async def publish(
        self, messages: Sequence[Outgoing], call_next: PublishNext
    ) -> Sequence[EventRouteError | None]:
        """Stand around a publish of one event or of many.

        The events were accepted by the checks of size and contract.

        :param call_next: hands the messages to the backend, in as many calls as it needs.
        :returns: one outcome per message, in the order given; ``None`` is published. What raises
            here is raised to whoever publishes.
        """
        return await call_next(messages)


def checked(middleware: Iterable[Middleware]) -> tuple[Middleware, ...]:
    """The middleware, if that is what it is.

    :raises DeclarationError: something else, such as the class instead of an object of it.
    """
    found = tuple(middleware)
    for one in found:
        if not isinstance(one, Middleware):
            hint = "; write it with ()" if isinstance(one, type) else ""
            raise DeclarationError(f"{one!r} is no Middleware{hint}")
    return found


def handle_through(
    middleware: Sequence[Middleware],
) -> Callable[[HandleNext], HandleNext] | None:
    """Put middleware around a call; ``None`` where none of it stands around handlers."""
    steps = [one for one in middleware if type(one).handle is not Middleware.handle]

    def wrap(call: HandleNext) -> HandleNext:
        for step in reversed(steps):
            call = partial(_handled, step, call)
        return call

    return wrap if steps else None


async def _handled(middleware: Middleware, call_next: HandleNext, delivery: Delivery) -> None:
    await middleware.handle(delivery, call_next)


def publish_through(
    middleware: Sequence[Middleware],
) -> Callable[[PublishNext], PublishNext] | None:
    """Put middleware around a publish; ``None`` where none of it stands around publishing."""
    steps = [one for one in middleware if type(one).publish is not Middleware.publish]

    def wrap(publish: PublishNext) -> PublishNext:
        for step in reversed(steps):
            publish = partial(_counted, step, publish)
        return publish

    return wrap if steps else None


async def _counted(
    middleware: Middleware, call_next: PublishNext, messages: Sequence[Outgoing]
) -> Sequence[EventRouteError | None]:
    outcomes = await middleware.publish(messages, call_next)
    if len(outcomes) != len(messages):
        raise DeclarationError(
            f"{type(middleware).__name__}.publish gave {len(outcomes)} outcomes for "
            f"{len(messages)} messages; return one each, None where it is published"
        )
    return outcomes
