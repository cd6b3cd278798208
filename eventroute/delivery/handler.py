"""What a handler asks for: read from its annotations once, when it is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from inspect import isclass
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from eventroute.envelope import Event
from eventroute.errors import DeclarationError
from eventroute.port import Delivery
from eventroute.publisher import Publisher

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Arguments", "Handler", "HandlerFunction"]

HandlerFunction: TypeAlias = Callable[..., object]

Arguments: TypeAlias = tuple[list[object], dict[str, object], object]
"""Positional and keyword arguments, and what is handled: the payload, or else the event."""


class Role(IntEnum):
    """What a parameter of a handler is given: its place among all that there is to give."""

    PAYLOAD = 0
    EVENT = 1
    DELIVERY = 2
    PUBLISHER = 3


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, and which of its parameters take the payload, the event and the delivery.

    :ivar function: the author's function.
    :ivar is_async: whether it is awaited in the event loop; a plain function runs in a thread.
    :ivar payload: the model that its payload parameter asks for, if it has one.
    :ivar takes_many: whether it takes lists of payloads, events and deliveries.
    """

    function: HandlerFunction
    is_async: bool
    payload: type[BaseModel] | None
    _positional: tuple[Role, ...]
    _keywords: tuple[tuple[str, Role], ...]
    takes_many: bool = False

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
                f"{_name(function)} is a generator; a handler is a function or an async function"
            )
        hints = _hints(function, dict(names or {}), model)
        positional: list[Role] = []
        keywords: list[tuple[str, Role]] = []
        payload: type[BaseModel] | None = None
        seen: set[Role] = set()
        many: set[bool] = set()
        for parameter in _signature(function).parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            whole = _plainly(hints.get(parameter.name, parameter.empty))
            wanted = _element(whole)
            if parameter.default is not parameter.empty and _role(wanted) is None:
                if parameter.kind is parameter.KEYWORD_ONLY:
                    continue
                break  # what follows has a default too, and positions must stay in step
            role = _checked_role(function, parameter.name, wanted, model)
            if role in seen:
                raise DeclarationError(
                    f"{_name(function)}: the parameter {parameter.name!r} repeats one before it; "
                    "a handler takes at most one payload, Event, Delivery and Publisher"
                )
            seen.add(role)
            if role is not Role.PUBLISHER:
                many.add(wanted is not whole)
                if len(many) == 2:
                    raise DeclarationError(
                        f"{_name(function)}: the parameter {parameter.name!r} is "
                        f"{'a list' if wanted is not whole else 'no list'}, unlike one before it; "
                        "a handler takes lists of everything, or of nothing"
                    )
            if role is Role.PAYLOAD:
                payload = cast("type[BaseModel]", wanted)
            if parameter.kind is parameter.KEYWORD_ONLY:
                keywords.append((parameter.name, role))
            else:
                positional.append(role)
        return cls(
            function,
            _is_async(function),
            payload,
            tuple(positional),
            tuple(keywords),
            takes_many=True in many,
        )

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

    def arguments(self, delivery: Delivery, publisher: Publisher) -> Arguments:
        """What to call the function with.

        :raises pydantic.ValidationError: ``detail`` does not fit the payload model.
        """
        event = delivery.event
        subject: object = event
        if self.payload is not None:
            subject = self.payload.model_validate_json(event.detail_json)
        given = (subject, event, delivery, publisher)
        positional: list[object] = [given[role] for role in self._positional]
        if not self._keywords:
            return positional, {}, subject
        return positional, {name: given[role] for name, role in self._keywords}, subject

    def subject(self, delivery: Delivery) -> object:
        """What is handled: the payload, or else the event.

        :raises pydantic.ValidationError: ``detail`` does not fit the payload model.
        """
        if self.payload is None:
            return delivery.event
        return self.payload.model_validate_json(delivery.event.detail_json)

    def batch_arguments(
        self, deliveries: list[Delivery], subjects: list[object], publisher: Publisher
    ) -> tuple[list[object], dict[str, object]]:
        """What to call a function with that takes lists.

        :param subjects: what :meth:`subject` gave of each delivery.
        """
        given = (subjects, [one.event for one in deliveries], deliveries, publisher)
        positional: list[object] = [given[role] for role in self._positional]
        return positional, {name: given[role] for name, role in self._keywords}


def _signature(function: HandlerFunction) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        raise DeclarationError(
            f"{_name(function)} is not a function whose parameters can be read; "
            "wrap it in a function with annotations"
        ) from None


def _hints(
    function: HandlerFunction, names: dict[str, object], model: type[BaseModel] | None
) -> dict[str, Any]:
    plain: Any = inspect.unwrap(function)
    while hasattr(plain, "func"):  # functools.partial
        plain = inspect.unwrap(plain.func)
    if not inspect.isroutine(plain):
        plain = type(plain).__call__
    if model is not None:
        names.setdefault(model.__name__, model)
    try:
        return get_type_hints(plain, localns=names, include_extras=True)
    except NameError as error:
        raise DeclarationError(
            f"{_name(function)}: the annotation {error.name!r} cannot be resolved; import it at "
            "run time, not only under TYPE_CHECKING"
        ) from None


def _plainly(wanted: object) -> object:
    """The class in ``Annotated[C, …]`` and ``C | None``."""
    origin = get_origin(wanted)
    if origin is Annotated:
        return _plainly(get_args(wanted)[0])
    if origin in (Union, UnionType):
        kinds = [kind for kind in get_args(wanted) if kind is not type(None)]
        if len(kinds) == 1:
            return _plainly(kinds[0])
    return wanted


def _element(wanted: object) -> object:
    """The class in ``list[C]`` and ``Sequence[C]``, where the handler is given many of them."""
    if get_origin(wanted) in (list, Sequence):
        element = _plainly(get_args(wanted)[0])
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


def _checked_role(
    function: HandlerFunction, parameter: str, wanted: object, model: type[BaseModel] | None
) -> Role:
    place = f"{_name(function)}: the parameter {parameter!r}"
    payload = "a pydantic model" if model is None else model.__name__
    choices = f"annotate it with {payload}, Event, Delivery or Publisher, or give it a default"
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


def _is_async(function: HandlerFunction) -> bool:
    plain: Any = inspect.unwrap(function)
    while hasattr(plain, "func"):
        plain = plain.func
    call = getattr(plain, "__call__", None)  # noqa: B004  the method itself is what is asked about
    return inspect.iscoroutinefunction(plain) or inspect.iscoroutinefunction(call)


def _name(function: HandlerFunction) -> str:
    return getattr(function, "__qualname__", None) or repr(function)
