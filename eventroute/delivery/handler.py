"""What a handler asks for: read from its annotations once, when it is declared."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from inspect import isclass
from typing import TYPE_CHECKING, TypeAlias, cast, get_args, get_origin

from eventroute.delivery.depends import Depends
from eventroute.delivery.shown import shown
from eventroute.delivery.signature import (
    HandlerFunction,
    hints_of,
    is_async,
    marker,
    name_of,
    plainly,
    signature_of,
)
from eventroute.envelope import Event
from eventroute.errors import DeclarationError
from eventroute.event_type import is_pydantics
from eventroute.idempotency.port import Transaction
from eventroute.port import Delivery
from eventroute.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from eventroute.delivery.dependencies import Dependency, DependencyReader

__all__ = ["Arguments", "Handler", "HandlerFunction", "Role", "role_of_parameter"]

Arguments: TypeAlias = tuple[list[object], dict[str, object], object]
"""Positional and keyword arguments, and what is handled: the payload, or else the event."""


class Role(IntEnum):
    """What a parameter of a handler is given: its place among all that there is to give."""

    PAYLOAD = 0
    EVENT = 1
    DELIVERY = 2
    PUBLISHER = 3
    TRANSACTION = 4
    DEPENDENCY = 5


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, and which of its parameters take the payload, the event and the delivery.

    :ivar function: the author's function.
    :ivar is_async: whether it is awaited in the event loop; a plain function runs in a thread.
    :ivar payload: the model that its payload parameter asks for, if it has one.
    :ivar takes_many: whether it takes lists of payloads, events and deliveries.
    :ivar transaction: the class of what its transaction parameter asks for, if it has one.
    :ivar dependencies: what factories give, with the index or name of its parameter.
    """

    function: HandlerFunction
    is_async: bool
    payload: type[BaseModel] | None
    _positional: tuple[Role, ...]
    _keywords: tuple[tuple[str, Role], ...]
    takes_many: bool = False
    transaction: type | None = None
    dependencies: tuple[tuple[int | str, Dependency], ...] = ()
    _reads_as_pydantic: bool = False

    @classmethod
    def of(
        cls,
        function: HandlerFunction,
        model: type[BaseModel] | None,
        names: Mapping[str, object] | None = None,
    ) -> Handler:
        """Read a handler's signature.

        :param model: the subscribed event type, ``None`` where the subscription is a pattern.
        :param names: local names that its annotations may use.
        :raises DeclarationError: a parameter that cannot be filled, naming it and the remedy.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise DeclarationError(
                f"{name_of(function)} is a generator; a handler is a function or an async function"
            )
        reading = _Reading(function, model, names or {})
        for parameter in signature_of(function).parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if not reading.take(parameter) and parameter.kind is not parameter.KEYWORD_ONLY:
                break  # what follows has a default too, and positions must stay in step
        return reading.handler()

    @property
    def takes_payload_alone(self) -> bool:
        """Whether it is called with the payload and nothing else, as most handlers are."""
        return self._positional == (Role.PAYLOAD,) and not self._keywords

    def check(self) -> None:
        """Make sure that the payload model can be read.

        :raises DeclarationError: it refers to a name that is still unknown.
        """
        if self.payload is None or self.payload.__pydantic_complete__:
            return
        try:
            self.payload.model_rebuild()
        except NameError as error:
            raise DeclarationError(
                f"{self.payload.__name__} cannot be read yet: {error.name!r} is not defined. "
                "Import it at run time, or call model_rebuild() once it is defined"
            ) from None

    def arguments(
        self,
        delivery: Delivery,
        subject: object,
        publisher: Publisher,
        transaction: object = None,
    ) -> Arguments:
        """What to call the function with, but for what its factories give.

        :param subject: what is handled: the payload, or else the event.
        :param transaction: what the idempotency store gives to the handler.
        """
        seen = shown(delivery) if delivery.headers else delivery
        given = (subject, delivery.event, seen, publisher, transaction, None)
        positional: list[object] = [given[role] for role in self._positional]
        if not self._keywords:
            return positional, {}, subject
        return positional, {name: given[role] for name, role in self._keywords}, subject

    @property
    def validate(self) -> Callable[[bytes], object]:
        """Reads ``detail`` into the payload model, if it has one.

        It raises :class:`pydantic.ValidationError` where that does not fit.
        """
        model = self.payload
        if model is None:
            return bytes
        # Without pydantic's own wrapper, which takes a fifth of the time.
        plain = self._reads_as_pydantic and model.__pydantic_complete__
        return model.__pydantic_validator__.validate_json if plain else model.model_validate_json

    def batch_arguments(
        self, deliveries: list[Delivery], subjects: list[object], publisher: Publisher
    ) -> tuple[list[object], dict[str, object]]:
        """What to call a function with that takes lists.

        :param subjects: what is handled, of each delivery.
        """
        events = [one.event for one in deliveries]
        given = (subjects, events, list(map(shown, deliveries)), publisher, None, None)
        positional: list[object] = [given[role] for role in self._positional]
        return positional, {name: given[role] for name, role in self._keywords}


class _Reading:
    """A handler whose parameters are being read."""

    def __init__(
        self,
        function: HandlerFunction,
        model: type[BaseModel] | None,
        names: Mapping[str, object],
    ) -> None:
        self._function = function
        self._model = model
        self._hints = hints_of(function, dict(names), model)
        self._factories: DependencyReader | None = None
        self._names = names
        self._positional: list[Role] = []
        self._keywords: list[tuple[str, Role]] = []
        self._dependencies: list[tuple[int | str, Dependency]] = []
        self._asked: dict[Role, type] = {}
        self._many: set[bool] = set()

    def take(self, parameter: inspect.Parameter) -> bool:
        """Say what a parameter is given; ``False`` where it keeps its default."""
        hint = self._hints.get(parameter.name, parameter.empty)
        by_name = parameter.kind is parameter.KEYWORD_ONLY
        mark = marker(hint, Depends)
        role: Role | None
        if mark is not None:
            role = Role.DEPENDENCY
            place = parameter.name if by_name else len(self._positional)
            read = self._reader().read(mark, plainly(hint), self._place(parameter))
            self._dependencies.append((place, read))
        else:
            role = self._plain_role(parameter, hint)
            if role is None:
                return False
        if by_name:
            self._keywords.append((parameter.name, role))
        else:
            self._positional.append(role)
        return True

    def _plain_role(self, parameter: inspect.Parameter, hint: object) -> Role | None:
        whole = plainly(hint)
        wanted = _element(whole)
        element = hint if wanted is whole else wanted
        role = role_of_parameter(self._function, parameter, element, self._model)
        if role is None:
            return None
        if role in self._asked:
            raise DeclarationError(
                f"{self._place(parameter)} repeats one before it; a handler takes at most one "
                "payload, Event, Delivery, Publisher and Transaction"
            )
        self._asked[role] = cast("type", wanted)
        if role not in (Role.PUBLISHER, Role.TRANSACTION):
            self._many.add(wanted is not whole)
            if len(self._many) == 2:
                raise DeclarationError(
                    f"{self._place(parameter)} is {'a list' if wanted is not whole else 'no list'}"
                    ", unlike one before it; a handler takes lists of everything, or of nothing"
                )
        return role

    def handler(self) -> Handler:
        """The handler, once every parameter is taken."""
        takes_many = True in self._many
        if self._factories is not None:
            self._factories.join(self._asked, name_of(self._function), takes_many=takes_many)
        payload = self._asked.get(Role.PAYLOAD)
        waits = is_async(self._function)
        if not waits and Role.PUBLISHER in self._asked:
            raise DeclarationError(
                f"{name_of(self._function)} takes a {self._asked[Role.PUBLISHER].__name__}, and "
                "publishing is awaited; declare the handler with 'async def', and call what blocks "
                "with anyio.to_thread.run_sync"
            )
        return Handler(
            self._function,
            waits,
            payload,
            tuple(self._positional),
            tuple(self._keywords),
            takes_many,
            self._asked.get(Role.TRANSACTION),
            tuple(self._dependencies),
            payload is not None and is_pydantics(payload, "model_validate_json"),
        )

    def _reader(self) -> DependencyReader:
        from eventroute.delivery.dependencies import DependencyReader  # noqa: PLC0415  seldom used

        if self._factories is None:
            self._factories = DependencyReader(self._model, self._names)
        return self._factories

    def _place(self, parameter: inspect.Parameter) -> str:
        return f"{name_of(self._function)}: the parameter {parameter.name!r}"


def _element(wanted: object) -> object:
    """The class in ``list[C]`` and ``Sequence[C]``, where the handler is given many of them."""
    if get_origin(wanted) in (list, Sequence):
        element = plainly(get_args(wanted)[0])
        if _role(element) not in (None, Role.PUBLISHER):
            return element
    return wanted


def _role(wanted: object) -> Role | None:
    """What a parameter with this annotation is given; ``None`` where nothing fits."""
    if not isclass(wanted):
        return None
    if wanted is Event:
        return Role.EVENT
    if wanted is Delivery:
        return Role.DELIVERY
    if Publisher in wanted.__mro__:
        return Role.PUBLISHER
    return Role.PAYLOAD if hasattr(wanted, "model_validate_json") else None


def role_of_parameter(
    function: HandlerFunction,
    parameter: inspect.Parameter,
    hint: object,
    model: type[BaseModel] | None,
) -> Role | None:
    """What a parameter is given; ``None`` where it keeps its default.

    :raises DeclarationError: it cannot be filled.
    """
    wanted = plainly(hint)
    if marker(hint, Transaction) is not None:
        if not isclass(wanted):
            raise DeclarationError(
                f"{name_of(function)}: the parameter {parameter.name!r} asks for a transaction of "
                f"{wanted}; name the class that the store gives, as in "
                "Annotated[sqlite3.Connection, Transaction]"
            )
        return Role.TRANSACTION
    if parameter.default is not parameter.empty and _role(wanted) is None:
        return None
    return _checked_role(function, parameter.name, wanted, model)


def _checked_role(
    function: HandlerFunction, parameter: str, wanted: object, model: type[BaseModel] | None
) -> Role:
    place = f"{name_of(function)}: the parameter {parameter!r}"
    payload = "a pydantic model" if model is None else model.__name__
    choices = (
        f"annotate it with {payload}, Event, Delivery or Publisher, with Annotated[..., "
        "Depends(factory)], or give it a default"
    )
    if wanted is inspect.Parameter.empty:
        raise DeclarationError(f"{place} has no annotation; {choices}")
    role = _role(wanted)
    if role is None:
        shown = getattr(wanted, "__name__", wanted)
        raise DeclarationError(f"{place} asks for {shown}, which is not known here; {choices}")
    if role is Role.PAYLOAD and model is not None:
        kind = cast("type[BaseModel]", wanted)
        if not issubclass(model, kind):
            raise DeclarationError(
                f"{place} asks for {kind.__name__}, but the subscription is to {model.__name__}; "
                f"annotate it with {model.__name__}"
            )
    return role
