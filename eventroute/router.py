"""Routers: where an application declares its subscribers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, get_args, overload

from eventroute.delivery.batch import Batch
from eventroute.delivery.breaker import CircuitBreaker
from eventroute.delivery.handler import Handler
from eventroute.delivery.middleware import checked
from eventroute.delivery.rate import RateLimit
from eventroute.delivery.retry import Retry
from eventroute.delivery.subscriber import Subscriber
from eventroute.errors import DeclarationError, PatternError
from eventroute.event_type import declared_type, event_type_of
from eventroute.pattern import Pattern
from eventroute.topology import Route, Subscription

if TYPE_CHECKING:
    from pydantic import BaseModel

    from eventroute.delivery.middleware import Middleware
    from eventroute.event_type import EventType
    from eventroute.idempotency.policy import Idempotency
    from eventroute.signatures import TypedSubscription
    from eventroute.targets import InputTransformer, Target

__all__ = ["Router", "declared_route"]

ModelT = TypeVar("ModelT", bound="BaseModel")
P = ParamSpec("P")
R = TypeVar("R")

_QUEUE: Final = re.compile(r"arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_DEFAULT_RETRY: Final = Retry()


class Router:
    """A named group of subscribers, to be included in an :class:`~eventroute.EventBus`.

    :param name: becomes the first part of each subscription's name, as in ``billing.invoice``.
    :param middleware: stands around its handlers, the outermost first.
    """

    def __init__(self, name: str, *, middleware: Sequence[Middleware] = ()) -> None:
        self.name = _checked_name(name, "router")
        self._middleware = checked(middleware)
        self._subscribers: list[Subscriber] = []
        self._routes: list[Route] = []
        self._published: list[EventType] = []

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """What was declared so far, in order."""
        return tuple(self._subscribers)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes that were declared so far, in order."""
        return tuple(self._routes)

    @property
    def published(self) -> tuple[EventType, ...]:
        """What :meth:`publishes` declared so far, in order."""
        return tuple(self._published)

    def publishes(self, *event_types: type[BaseModel]) -> None:
        """Declare which events the code of this router publishes, for contracts and documents.

        Nothing depends on it when events are published.

        :raises DeclarationError: one is not an event type.
        """
        for model in event_types:
            declared = event_type_of(model)
            if declared not in self._published:
                self._published.append(declared)

    @overload
    def subscribe(
        self,
        event_type: type[ModelT],
        /,
        *,
        where: Mapping[str, Any] | None = None,
        name: str | None = None,
        ordered_by: str | None = None,
        retry: Retry = ...,
        concurrency: int | None = None,
        visibility_timeout: float = 30.0,
        timeout: float | None = None,
        batch: Batch | None = None,
        rate: RateLimit | None = None,
        breaker: CircuitBreaker | None = None,
        idempotent: bool | Idempotency = False,
        middleware: Sequence[Middleware] = (),
    ) -> TypedSubscription[ModelT]: ...

    @overload
    def subscribe(
        self,
        pattern: Pattern | Mapping[str, Any] | str,
        /,
        *,
        name: str | None = None,
        ordered_by: str | None = None,
        retry: Retry = ...,
        concurrency: int | None = None,
        visibility_timeout: float = 30.0,
        timeout: float | None = None,
        batch: Batch | None = None,
        rate: RateLimit | None = None,
        breaker: CircuitBreaker | None = None,
        idempotent: bool | Idempotency = False,
        middleware: Sequence[Middleware] = (),
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    def subscribe(
        self,
        target: type[BaseModel] | Pattern | Mapping[str, Any] | str,
        /,
        *,
        where: Mapping[str, Any] | None = None,
        name: str | None = None,
        ordered_by: str | None = None,
        retry: Retry = _DEFAULT_RETRY,
        concurrency: int | None = None,
        visibility_timeout: float = 30.0,
        timeout: float | None = None,
        batch: Batch | None = None,
        rate: RateLimit | None = None,
        breaker: CircuitBreaker | None = None,
        idempotent: bool | Idempotency = False,
        middleware: Sequence[Middleware] = (),
    ) -> Any:
        """Declare a subscriber: its own queue, and the function that handles what arrives there.

        The function's parameters are filled by their annotations: the payload model,
        :class:`~eventroute.Event`, :class:`~eventroute.Delivery`; names are up to you. An
        ``async`` function runs in the event loop, a plain one in a worker thread. One that takes
        lists of them is given several events at once.

        :param target: an event type, or an event pattern of the whole envelope (an object, its
            JSON text, or a :class:`~eventroute.Pattern`).
        :param where: pattern of ``detail``; only with an event type.
        :param name: name of the subscription within the router; the function's name when left
            out. It names the queue on every backend, so renaming it makes a new queue.
        :param ordered_by: dotted path into ``detail``, such as ``"order_id"``. Events with the
            same value there are handled one after the other, in publish order.
        :param retry: when failed attempts are made again.
        :param concurrency: most attempts under way at once in one process; the configured
            default when left out.
        :param visibility_timeout: seconds after which a dead worker's events come back; extended
            while a handler runs.
        :param timeout: seconds that an attempt may take. Then an ``async`` handler is cancelled, a
            plain one is left to itself, and the attempt has failed.
        :param batch: how many events a handler is given that takes ``list[…]``.
        :param rate: how many events are taken in a time, in one process.
        :param breaker: when nothing is received for a while, because what the handler depends on
            is down.
        :param idempotent: ``True`` handles each event once, also when it is delivered again;
            :class:`~eventroute.idempotency.Idempotency` says which events count as the same.
        :param middleware: stands around the handler, inside that of the bus and of the router.
        :raises DeclarationError: a name, option or parameter that cannot work.
        :raises PatternError: the pattern is not valid.
        """
        model = target if isinstance(target, type) else None
        if where is not None and not isinstance(where, Mapping):
            raise DeclarationError(
                f"where={where!r}: must be a mapping, such as {{'country': ['KR']}}"
            )
        pattern = _pattern(target, where)
        if ordered_by is not None:
            _check_text("ordered_by", ordered_by, "a dotted path such as 'order_id'")
            _check_path("ordered_by", ordered_by, model)
        if not isinstance(retry, Retry):
            raise DeclarationError(f"retry={retry!r}: write Retry(attempts=...)")
        _check_numbers(concurrency, visibility_timeout=visibility_timeout, timeout=timeout)
        _check_kinds(
            batch=(batch, Batch), rate=(rate, RateLimit), breaker=(breaker, CircuitBreaker)
        )
        idempotency = _idempotency(idempotent, model)
        around_it = (*self._middleware, *checked(middleware))

        def declare(function: Callable[..., object]) -> Callable[..., object]:
            if isinstance(function, type):
                raise DeclarationError(
                    f"{function.__name__} is a class; subscribe a function or a method of an object"
                )
            # Annotations may name classes that live in the function around the decorator.
            around = sys._getframe(1).f_locals  # pyright: ignore[reportPrivateUsage]
            own = name if name is not None else getattr(function, "__name__", "")
            subscription = Subscription(
                f"{self.name}.{_checked_name(own, 'subscription')}",
                pattern,
                ordered_by,
                visibility_timeout,
            )
            if any(one.subscription.name == subscription.name for one in self._subscribers):
                raise DeclarationError(
                    f"the router {self.name!r} has a subscription {own!r} already; "
                    "give this one another name="
                )
            handler = Handler.of(function, model, around)
            if batch is not None and not handler.takes_many:
                raise DeclarationError(
                    f"{own!r} has batch={batch!r}, and its handler takes one event at a time; "
                    "annotate its parameter as a list, such as list[Event]"
                )
            _check_surroundings(handler, idempotency, own)
            self._subscribers.append(
                Subscriber(
                    subscription,
                    handler,
                    retry,
                    concurrency,
                    timeout,
                    batch or Batch() if handler.takes_many else None,
                    rate,
                    breaker,
                    idempotency=idempotency,
                    middleware=around_it,
                    event_type=_read_type(model or handler.payload),
                )
            )
            return function

        return declare

    def route(
        self,
        pattern: type[BaseModel] | Pattern | Mapping[str, Any] | str,
        /,
        *,
        to: Target,
        where: Mapping[str, Any] | None = None,
        name: str | None = None,
        input: InputTransformer | None = None,  # noqa: A002  EventBridge's own name
        dead_letter_queue: str | None = None,
    ) -> None:
        """Declare a route: what matches is handed to a target by the backend, without a handler.

        :param pattern: an event type, or an event pattern, as for :meth:`subscribe`.
        :param to: the target, of :mod:`eventroute.targets`.
        :param where: pattern of ``detail``; only with an event type.
        :param name: name of the route within the router; the target's own name when left out.
        :param input: what the target is given in place of the event.
        :param dead_letter_queue: ARN of an SQS queue for what cannot be delivered; the backend
            gives such events up when left out.
        :raises DeclarationError: an argument that cannot work.
        :raises PatternError: the pattern is not valid.
        """
        route = declared_route(
            f"{self.name}.",
            pattern,
            to,
            where=where,
            name=name,
            transformer=input,
            dead_letter_queue=dead_letter_queue,
        )
        if any(one.name == route.name for one in self._routes):
            raise DeclarationError(
                f"the router {self.name!r} has a route {route.name!r} already; give this one "
                "another name="
            )
        self._routes.append(route)


def declared_route(
    begin: str,
    pattern: type[BaseModel] | Pattern | Mapping[str, Any] | str,
    to: Target,
    *,
    where: Mapping[str, Any] | None,
    name: str | None,
    transformer: InputTransformer | None,
    dead_letter_queue: str | None,
) -> Route:
    """Make a route; see :meth:`Router.route`.

    :param begin: the first part of its name, with the dot; may be empty.
    """
    from eventroute.targets import InputTransformer, Target  # noqa: PLC0415  seldom used

    if not isinstance(to, get_args(Target)):
        raise DeclarationError(f"to={to!r}: give a target, such as LambdaFunction(arn)")
    if transformer is not None and not isinstance(transformer, InputTransformer):
        raise DeclarationError(f"input={transformer!r}: write InputTransformer(template, paths)")
    if dead_letter_queue is not None and not _QUEUE.fullmatch(dead_letter_queue):
        raise DeclarationError(
            f"dead_letter_queue={dead_letter_queue!r}: must be the ARN of a standard SQS queue"
        )
    own = _name_of(to) if name is None else name
    return Route(
        begin + _checked_name(own, "route"),
        _pattern(pattern, where),
        to,
        transformer,
        dead_letter_queue,
    )


def _read_type(model: type[BaseModel] | None) -> EventType | None:
    return None if model is None else declared_type(model)


def _name_of(target: Target) -> str:
    """The name in a target's ARN; a UUID may stand behind it, or the alias of a function."""
    rest = target.arn.split(":", 5)[5]
    match target.kind:
        case "api-destination":
            return rest.split("/")[1]
        case "lambda-function":
            return rest.split(":")[1]
        case _:
            return re.split("[:/]", rest)[-1].removesuffix(".fifo")


def _pattern(
    target: type[BaseModel] | Pattern | Mapping[str, Any] | str,
    where: Mapping[str, Any] | None,
) -> Pattern:
    if isinstance(target, type):
        declared = event_type_of(target)
        members: dict[str, Any] = {"source": [declared.topic], "detail-type": [declared.name]}
        if where is None:
            return Pattern(members)
        for name in where:
            if name != "$or":
                _check_member("where=", name, target)
        try:
            return Pattern({**members, "detail": where})
        except PatternError as error:
            place = error.pointer.removeprefix("/detail")
            raise PatternError(f"in where=: {error.reason}", pointer=place) from None
    if where is not None:
        raise DeclarationError(
            "where= is the pattern of an event type's detail; put the conditions into the "
            'pattern itself, under "detail"'
        )
    if isinstance(target, Pattern):
        return target
    if isinstance(target, str | Mapping):
        return Pattern(target)
    raise DeclarationError(
        f"cannot subscribe to {target!r}; give an event type or an event pattern"
    )


def _check_kinds(**options: tuple[object, type[object]]) -> None:
    for name, (value, kind) in options.items():
        if value is not None and not isinstance(value, kind):
            raise DeclarationError(f"{name}={value!r}: write {kind.__name__}(...)")


def _check_path(option: str, path: str, model: type[BaseModel] | None) -> None:
    first = path.split(".", maxsplit=1)[0]
    if not all(path.split(".")):
        raise DeclarationError(f"{option}={path!r}: must be a dotted path such as 'order_id'")
    if model is not None:
        _check_member(f"{option}={path!r}", first, model)


def _idempotency(
    idempotent: bool | Idempotency, model: type[BaseModel] | None
) -> Idempotency | None:
    if idempotent is False:
        return None
    from eventroute.idempotency.policy import Idempotency  # noqa: PLC0415  seldom used

    if idempotent is True:
        return Idempotency()
    if not isinstance(idempotent, Idempotency):
        raise DeclarationError(
            f"idempotent={idempotent!r}: write idempotent=True or idempotent=Idempotency(...)"
        )
    if isinstance(idempotent.key, str):
        _check_path("Idempotency(key)", idempotent.key, model)
    return idempotent


def _check_surroundings(handler: Handler, idempotency: Idempotency | None, name: str) -> None:
    if handler.transaction is not None and idempotency is None:
        raise DeclarationError(
            f"{name!r} asks for the transaction of an idempotency store; subscribe it with "
            "idempotent=True or idempotent=Idempotency(...)"
        )
    if handler.takes_many and idempotency is not None:
        raise DeclarationError(
            f"{name!r} takes lists, and idempotent= works on one event at a time; drop one of them"
        )


def _check_member(place: str, name: str, model: type[BaseModel]) -> None:
    first = name.split(".", maxsplit=1)[0]
    members = [field.serialization_alias or own for own, field in model.model_fields.items()]
    members += model.model_computed_fields
    if first not in members and model.model_config.get("extra") != "allow":
        raise DeclarationError(
            f"{place}: {model.__name__} has no member {first!r}; it has {', '.join(members)}"
        )


def _check_numbers(concurrency: int | None, **durations: float | None) -> None:
    whole = isinstance(concurrency, int) and not isinstance(concurrency, bool)
    if concurrency is not None and not (whole and concurrency >= 1):
        raise DeclarationError(f"concurrency={concurrency!r}: must be a whole number from 1")
    for name, value in durations.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and value > 0):
            raise DeclarationError(f"{name}={value!r}: must be a number of seconds, over 0")


def _check_text(option: str, value: object, shape: str) -> None:
    if not isinstance(value, str):
        raise DeclarationError(f"{option}={value!r}: must be {shape}")


def _checked_name(name: str, what: str) -> str:
    _check_text(f"the {what}'s name", name, "a string")
    if not _NAME.fullmatch(name):
        raise DeclarationError(
            f"{name!r} cannot name a {what}: use 1 to 80 letters, digits, '-', '_' and '.', "
            "beginning with a letter or digit" + ("; pass name=" if what == "subscription" else "")
        )
    return name
