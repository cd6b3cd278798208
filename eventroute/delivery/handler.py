"""What a handler asks for: read from its annotations once, when it is declared."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from inspect import isclass
from typing import TYPE_CHECKING, TypeAlias, cast

from eventroute.delivery.depends import Depends
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
from eventroute.idempotency.port import Transaction
from eventroute.port import Delivery
from eventroute.publisher import Publisher

if TYPE_CHECKING:
    from pydantic import BaseModel

    from eventroute.delivery.dependencies import Dependency, DependencyReader

__all__ = ["Arguments", "Handler", "HandlerFunction", "Role", "role_of_parameter"]

Arguments: TypeAlias = tuple[list[object], dict[str, object], object]
"""Positional and keyword arguments, and what is handled: the payload, or else the event."""


class Role(Enum):
    """What a parameter of a handler is given."""

    PAYLOAD = "payload"
    EVENT = "event"
    DELIVERY = "delivery"
    PUBLISHER = "publisher"
    TRANSACTION = "transaction"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, and which of its parameters take the payload, the event and the delivery.

    :ivar function: the author's function.
    :ivar is_async: whether it is awaited in the event loop; a plain function runs in a thread.
    :ivar payload: the model that its payload parameter asks for, if it has one.
    :ivar transaction: the class of what its transaction parameter asks for, if it has one.
    :ivar dependencies: what factories give, with the index or name of its parameter.
    """

    function: HandlerFunction
    is_async: bool
    payload: type[BaseModel] | None
    _positional: tuple[Role, ...]
    _keywords: tuple[tuple[str, Role], ...]
    transaction: type | None = None
    dependencies: tuple[tuple[int | str, Dependency], ...] = ()

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
        hints = hints_of(function, dict(names or {}), model)
        positional: list[Role] = []
        keywords: list[tuple[str, Role]] = []
        payload: type[BaseModel] | None = None
        transaction: type | None = None
        dependencies: list[tuple[int | str, Dependency]] = []
        reader: DependencyReader | None = None
        seen: set[Role] = set()
        for parameter in signature_of(function).parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            hint = hints.get(parameter.name, parameter.empty)
            wanted = plainly(hint)
            mark = marker(hint, Depends)
            role = (
                Role.DEPENDENCY
                if mark is not None
                else role_of_parameter(function, parameter, hint, model)
            )
            if role is None:
                if parameter.kind is parameter.KEYWORD_ONLY:
                    continue
                break  # what follows has a default too, and positions must stay in step
            if role in seen:
                raise DeclarationError(
                    f"{name_of(function)}: the parameter {parameter.name!r} repeats one before it; "
                    "a handler takes at most one payload, Event, Delivery, Publisher and "
                    "Transaction"
                )
            if mark is not None:
                from eventroute.delivery.dependencies import DependencyReader  # noqa: PLC0415  seldom used

                reader = reader or DependencyReader(model, names or {})
                keyword = parameter.kind is parameter.KEYWORD_ONLY
                place = f"{name_of(function)}: the parameter {parameter.name!r}"
                dependencies.append(
                    (
                        parameter.name if keyword else len(positional),
                        reader.read(mark, wanted, place),
                    )
                )
            else:
                seen.add(role)
            if role is Role.PAYLOAD:
                payload = cast("type[BaseModel]", wanted)
            elif role is Role.TRANSACTION:
                transaction = cast("type", wanted)
            if parameter.kind is parameter.KEYWORD_ONLY:
                keywords.append((parameter.name, role))
            else:
                positional.append(role)
        if reader is not None:
            payload = reader.shared(Role.PAYLOAD, payload, name_of(function))
            transaction = reader.shared(Role.TRANSACTION, transaction, name_of(function))
        return cls(
            function,
            is_async(function),
            payload,
            tuple(positional),
            tuple(keywords),
            transaction,
            tuple(dependencies),
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

    def arguments(
        self, delivery: Delivery, publisher: Publisher, transaction: object = None
    ) -> Arguments:
        """What to call the function with.

        :param transaction: what the idempotency store gives to the handler.
        :raises pydantic.ValidationError: ``detail`` does not fit the payload model.
        """
        event = delivery.event
        subject: object = event
        if self.payload is not None:
            subject = self.payload.model_validate_json(event.detail_json)
        given: dict[Role, object] = {
            Role.PAYLOAD: subject,
            Role.EVENT: event,
            Role.DELIVERY: delivery,
            Role.PUBLISHER: publisher,
            Role.TRANSACTION: transaction,
            Role.DEPENDENCY: None,  # its factory is called later
        }
        positional = [given[role] for role in self._positional]
        return positional, {name: given[role] for name, role in self._keywords}, subject


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
