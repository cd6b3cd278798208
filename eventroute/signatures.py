"""The shapes a handler may have, for type checkers: its payload must fit what it subscribes to.

A handler names its parameters as it likes and may put the payload, the `Event` and the
`Delivery` in any order; only what follows a leading payload is left to the check at declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.port import Delivery
    from eventroute.publisher import Publisher

__all__ = ["TypedSubscription"]

M = TypeVar("M", bound="BaseModel")
P = ParamSpec("P")
R = TypeVar("R")


class TypedSubscription(Protocol[M]):
    """Decorates a handler of one event type; returns the function as it was."""

    @overload
    def __call__(
        self, handler: Callable[Concatenate[M, P], R], /
    ) -> Callable[Concatenate[M, P], R]: ...
    @overload
    def __call__(
        self, handler: Callable[Concatenate[Sequence[M], P], R], /
    ) -> Callable[Concatenate[Sequence[M], P], R]: ...
    @overload
    def __call__(
        self, handler: Callable[Concatenate[list[M], P], R], /
    ) -> Callable[Concatenate[list[M], P], R]: ...
    @overload
    def __call__(self, handler: Callable[[], R], /) -> Callable[[], R]: ...
    @overload
    def __call__(self, handler: Callable[[Event], R], /) -> Callable[[Event], R]: ...
    @overload
    def __call__(self, handler: Callable[[Delivery], R], /) -> Callable[[Delivery], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Event, Delivery], R], /
    ) -> Callable[[Event, Delivery], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Delivery, Event], R], /
    ) -> Callable[[Delivery, Event], R]: ...
    @overload
    def __call__(self, handler: Callable[[list[Event]], R], /) -> Callable[[list[Event]], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[list[Delivery]], R], /
    ) -> Callable[[list[Delivery]], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[list[Event], list[Delivery]], R], /
    ) -> Callable[[list[Event], list[Delivery]], R]: ...
    @overload
    def __call__(self, handler: Callable[[Publisher], R], /) -> Callable[[Publisher], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Event, Publisher], R], /
    ) -> Callable[[Event, Publisher], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Delivery, Publisher], R], /
    ) -> Callable[[Delivery, Publisher], R]: ...
    @overload
    def __call__(self, handler: Callable[[Event, M], R], /) -> Callable[[Event, M], R]: ...
    @overload
    def __call__(self, handler: Callable[[Delivery, M], R], /) -> Callable[[Delivery, M], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Event, Delivery, M], R], /
    ) -> Callable[[Event, Delivery, M], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Delivery, Event, M], R], /
    ) -> Callable[[Delivery, Event, M], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Event, M, Delivery], R], /
    ) -> Callable[[Event, M, Delivery], R]: ...
    @overload
    def __call__(
        self, handler: Callable[[Delivery, M, Event], R], /
    ) -> Callable[[Delivery, M, Event], R]: ...
