"""Factories and what they need in turn: read from annotations once, when a handler is declared."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from eventroute.delivery.depends import Depends, Factory
from eventroute.delivery.handler import Role, role_of_parameter
from eventroute.delivery.signature import hints_of, is_async, marker, name_of, plainly, signature_of
from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

__all__ = ["Dependency", "DependencyReader", "Need", "stand_in"]


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """A factory, and what its parameters are given.

    :ivar in_thread: see :class:`Depends`, and so ``enter``.
    """

    factory: Factory
    in_thread: bool
    enter: bool
    positional: tuple[Need, ...]
    keywords: tuple[tuple[str, Need], ...]

    def walk(self) -> Iterator[Dependency]:
        """Yield this one, and all that it depends on."""
        yield self
        for need in (*self.positional, *(need for _, need in self.keywords)):
            if isinstance(need, Dependency):
                yield from need.walk()


Need: TypeAlias = "Role | Dependency"


class DependencyReader:
    """Reads the dependencies of one handler.

    :param model: the subscribed event type, ``None`` where the subscription is a pattern.
    :param names: local names that annotations may use.
    :ivar asked: the classes that factories ask for, by role.
    """

    def __init__(self, model: type[BaseModel] | None, names: Mapping[str, object]) -> None:
        self._model = model
        self._names = names
        self._known: dict[tuple[int, bool, bool], Dependency] = {}
        self._path: list[Factory] = []
        self.asked: dict[Role, type] = {}

    def read(self, mark: Depends | type[Depends], wanted: object, place: str) -> Dependency:
        """Read a factory and all that it depends on.

        :param wanted: the class that the parameter is annotated with.
        :param place: the parameter, for people.
        :raises DeclarationError: a factory that cannot be filled, or that depends on itself.
        """
        depends = mark() if isinstance(mark, type) else mark
        factory = depends.factory
        if factory is None:
            if not inspect.isclass(wanted):
                raise DeclarationError(f"{place} asks for {wanted}; name a factory: Depends(...)")
            factory = wanted
        if not callable(factory):
            raise DeclarationError(f"{place}: {factory!r} is no factory; give Depends a function")
        if any(factory is one for one in self._path):
            names = " → ".join(map(name_of, (*self._path, factory)))
            raise DeclarationError(f"{place}: factories depend on each other in a circle: {names}")
        if depends.in_thread and (is_async(factory) or _is_async_generator(factory)):
            raise DeclarationError(
                f"{place}: {name_of(factory)} is async and runs in the event loop; drop in_thread"
            )
        key = (id(factory), depends.in_thread, depends.enter)
        if key not in self._known:
            self._path.append(factory)
            self._known[key] = self._dependency(factory, depends)
            self._path.pop()
        return self._known[key]

    def _dependency(self, factory: Factory, depends: Depends) -> Dependency:
        hints = hints_of(factory, dict(self._names), self._model)
        positional: list[Need] = []
        keywords: list[tuple[str, Need]] = []
        skipped = False
        for parameter in signature_of(factory).parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            need = self._need(factory, parameter, hints.get(parameter.name, parameter.empty))
            if need is None:
                skipped = True
            elif parameter.kind is parameter.KEYWORD_ONLY or skipped:
                keywords.append((parameter.name, need))
            else:
                positional.append(need)
        return Dependency(
            factory,
            depends.in_thread,
            depends.enter or _is_decorated_generator(factory),
            tuple(positional),
            tuple(keywords),
        )

    def _need(self, factory: Factory, parameter: inspect.Parameter, hint: object) -> Need | None:
        wanted = plainly(hint)
        mark = marker(hint, Depends)
        if mark is not None:
            place = f"{name_of(factory)}: the parameter {parameter.name!r}"
            return self.read(mark, wanted, place)
        role = role_of_parameter(factory, parameter, hint, self._model)
        if role is not None:
            self._agree(self.asked, role, cast("type", wanted), name_of(factory))
        return role

    def join(self, asked: dict[Role, type], place: str, *, takes_many: bool) -> None:
        """Add what the factories ask for to what the handler asks for.

        :param place: the handler, for people.
        :raises DeclarationError: they ask for different classes, or the handler takes lists and a
            factory one event.
        """
        for role in (Role.PAYLOAD, Role.TRANSACTION):
            if role in self.asked:
                self._agree(asked, role, self.asked[role], place)
        if takes_many and self.asked.keys() - {Role.PUBLISHER}:
            raise DeclarationError(
                f"{place} takes lists; its factories may take a Publisher and other dependencies, "
                "nothing of one event"
            )

    def _agree(self, asked: dict[Role, type], role: Role, wanted: type, place: str) -> None:
        one = asked.setdefault(role, wanted)
        if one is not wanted and role in (Role.PAYLOAD, Role.TRANSACTION):
            raise DeclarationError(
                f"{place} and a factory ask for {one.__name__} and {wanted.__name__} as the "
                f"{role.name.lower()}; a handler and its factories share one"
            )


def stand_in(factory: Factory) -> Dependency:
    """What is called in the place of another factory.

    :raises DeclarationError: it cannot be filled, or asks for a payload or a transaction.
    """
    reader = DependencyReader(None, {})
    read = reader.read(Depends(factory), None, f"the replacement {name_of(factory)}")
    for role in (Role.PAYLOAD, Role.TRANSACTION):
        if role in reader.asked:
            raise DeclarationError(
                f"the replacement {name_of(factory)} asks for the {role.name.lower()}; it may take "
                "an Event, a Delivery, a Publisher and dependencies"
            )
    return read


def _core(factory: Factory) -> Any:  # noqa: ANN401  whatever is called in the end
    core: Any = factory
    while isinstance(core, partial):
        core = core.func
    plain = inspect.isroutine(core) or inspect.isclass(core)
    return core if plain else type(core).__call__


def _is_async_generator(factory: Factory) -> bool:
    return inspect.isasyncgenfunction(_core(factory))


def _is_decorated_generator(factory: Factory) -> bool:
    """Whether ``contextmanager`` or ``asynccontextmanager`` made it of a generator."""
    core = _core(factory)
    if inspect.isgeneratorfunction(core) or inspect.isasyncgenfunction(core):
        return False
    inner = inspect.unwrap(core)
    return inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner)
