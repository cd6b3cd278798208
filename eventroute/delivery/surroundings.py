"""What stands around a handler: middleware, and the dependencies that it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from eventroute.delivery.exits import Exits
from eventroute.delivery.handler import Role
from eventroute.delivery.middleware import handle_through
from eventroute.delivery.resolving import Resolver
from eventroute.delivery.shown import shown

if TYPE_CHECKING:
    from eventroute.delivery.handler import Arguments
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.delivery.threads import Threads
    from eventroute.port import Delivery
    from eventroute.publisher import Publisher

__all__ = ["Scene", "Surroundings", "surroundings_of"]

Call: TypeAlias = Callable[[list[object], dict[str, object]], Awaitable[None]]


class ReadArguments(Protocol):
    """Reads what to call the handler with from a delivery and the store's transaction."""

    def __call__(self, delivery: Delivery, transaction: object, /) -> Arguments:
        """Read it; raises what makes the attempt fail."""
        ...


class Surroundings:
    """Of one subscriber.

    :param threads: bounds the threads of factories that ask for one.
    """

    def __init__(
        self,
        subscriber: Subscriber,
        publisher: Publisher,
        threads: Threads,
        arguments: ReadArguments,
        call: Call,
    ) -> None:
        self.exits = Exits()
        self.wrap = handle_through(subscriber.middleware)
        self.arguments = arguments
        self.call = call
        self.publisher = publisher
        self.resolver = (
            Resolver(subscriber.handler.dependencies, subscriber.overrides, threads.limiter)
            if subscriber.handler.dependencies
            else None
        )

    async def call_many(
        self,
        deliveries: Sequence[Delivery],
        positional: list[object],
        keywords: dict[str, object],
    ) -> None:
        """Call a handler that takes lists, with what it depends on; no middleware does that."""
        try:
            if self.resolver is not None:
                given: dict[Role, object] = {Role.PUBLISHER: self.publisher}
                stack = self.exits.of(deliveries)
                await self.resolver.fill(positional, keywords, given, stack)
            await self.call(positional, keywords)
        except BaseException as error:
            self.exits.failed(deliveries[0], error)
            raise

    def scene(self, delivery: Delivery, transaction: object) -> Scene:
        """For one attempt."""
        return Scene(self, delivery, transaction)


def surroundings_of(
    subscriber: Subscriber,
    publisher: Publisher,
    threads: Threads,
    arguments: ReadArguments,
    call: Call,
) -> Surroundings | None:
    """What stands around a subscriber's handler; ``None`` where nothing does."""
    if not subscriber.handler.dependencies and handle_through(subscriber.middleware) is None:
        return None
    return Surroundings(subscriber, publisher, threads, arguments, call)


class Scene:
    """One attempt.

    :ivar subject: the payload, or else the event, once it is read.
    """

    __slots__ = ("_delivery", "_surroundings", "_transaction", "subject")

    def __init__(self, surroundings: Surroundings, delivery: Delivery, transaction: object) -> None:
        self.subject: object = None
        self._surroundings = surroundings
        self._delivery = delivery
        self._transaction = transaction

    async def play(self) -> None:
        """Call the handler through the middleware."""
        wrap = self._surroundings.wrap
        call = self._handle if wrap is None else wrap(self._handle)
        try:
            await call(self._delivery)
        except BaseException as error:
            self._surroundings.exits.failed(self._delivery, error)
            raise

    async def _handle(self, delivery: Delivery) -> None:
        around = self._surroundings
        positional, keywords, self.subject = around.arguments(delivery, self._transaction)
        if around.resolver is not None:
            stack = around.exits.of([self._delivery])
            given = {
                Role.PAYLOAD: self.subject,
                Role.EVENT: delivery.event,
                Role.DELIVERY: shown(delivery),
                Role.PUBLISHER: around.publisher,
                Role.TRANSACTION: self._transaction,
            }
            await around.resolver.fill(positional, keywords, given, stack)
        await around.call(positional, keywords)
