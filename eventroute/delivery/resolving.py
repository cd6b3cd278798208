"""Calling factories for one call of a handler."""

from __future__ import annotations

import inspect
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
import anyio.to_thread

from eventroute.delivery.dependencies import Dependency

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping
    from contextlib import AsyncExitStack
    from types import TracebackType

    from eventroute.delivery.dependencies import Need
    from eventroute.delivery.handler import Role

__all__ = ["Resolution", "Resolver"]

T = TypeVar("T")


class Resolver:
    """Fills parameters with what factories give.

    :param overrides: what is called in the place of a factory, by the factory's ``id``; it may
        change meanwhile.
    """

    def __init__(
        self,
        dependencies: tuple[tuple[int | str, Dependency], ...],
        overrides: Mapping[int, Dependency],
        threads: anyio.CapacityLimiter,
    ) -> None:
        self._dependencies = dependencies
        self.overrides = overrides
        self.threads = threads

    async def fill(
        self,
        positional: list[object],
        keywords: dict[str, object],
        given: Mapping[Role, object],
        stack: AsyncExitStack,
    ) -> None:
        """Put what factories give into their places.

        :param given: what the delivery gives.
        :param stack: takes what is to be cleaned up.
        """
        resolution = Resolution(self, given, stack)
        for place, dependency in self._dependencies:
            value = await resolution.value(dependency)
            if isinstance(place, int):
                positional[place] = value
            else:
                keywords[place] = value


class Resolution:
    """Calls each factory once."""

    def __init__(
        self, resolver: Resolver, given: Mapping[Role, object], stack: AsyncExitStack
    ) -> None:
        self._resolver = resolver
        self._given = given
        self._stack = stack
        self._values: dict[int, object] = {}

    async def value(self, need: Need) -> object:
        """What a parameter is given."""
        if not isinstance(need, Dependency):
            return self._given[need]
        key = id(need.factory)
        if key not in self._values:
            self._values[key] = await self._made(self._resolver.overrides.get(key, need))
        return self._values[key]

    async def _made(self, dependency: Dependency) -> object:
        positional = [await self.value(need) for need in dependency.positional]
        keywords = {name: await self.value(need) for name, need in dependency.keywords}
        call = partial(dependency.factory, *positional, **keywords)
        threads = self._resolver.threads if dependency.in_thread else None
        made: Any = call() if threads is None else await _in_thread(call, threads)
        if inspect.isawaitable(made):
            made = await made
        if inspect.isgenerator(made):
            return await self._entered(contextmanager(_plain)(made), threads)
        if inspect.isasyncgen(made):
            return await self._entered(asynccontextmanager(_async)(made), None)
        if dependency.enter:
            return await self._entered(made, threads)
        return made

    async def _entered(self, manager: object, threads: anyio.CapacityLimiter | None) -> object:
        if hasattr(manager, "__aenter__"):
            entering = cast("AbstractAsyncContextManager[object]", manager)
            return await self._stack.enter_async_context(entering)
        plain = cast("AbstractContextManager[object]", manager)
        if threads is None:
            return self._stack.enter_context(plain)
        return await self._stack.enter_async_context(_InThread(plain, threads))


class _InThread:
    """A context manager whose both ends run in a thread."""

    def __init__(
        self, manager: AbstractContextManager[object], threads: anyio.CapacityLimiter
    ) -> None:
        self._manager = manager
        self._threads = threads

    async def __aenter__(self) -> object:
        return await _in_thread(self._manager.__enter__, self._threads)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        leave = partial(self._manager.__exit__, exc_type, exc, traceback)
        return await _in_thread(leave, self._threads)


def _plain(made: Generator[object, Any, Any]) -> Generator[object, Any, Any]:
    return made


def _async(made: AsyncGenerator[object, Any]) -> AsyncGenerator[object, Any]:
    return made


async def _in_thread(function: Callable[[], T], threads: anyio.CapacityLimiter) -> T:
    return await anyio.to_thread.run_sync(function, limiter=threads)
