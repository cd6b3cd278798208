"""From a delivery to its payload: by the version that the event names, cast to the handler's."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from eventroute.casts import chains_to
from eventroute.delivery.verdict import HopelessError, text_of
from eventroute.errors import ContractNotFoundError, ContractViolationError
from eventroute.event_type import declared_type
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.casts import Chains
    from eventroute.delivery.subscriber import ContractCheck, Subscriber
    from eventroute.event_type import EventType
    from eventroute.port import Delivery

__all__ = ["Payloads"]

_SHOWN: Final = 20
"""Places of a broken contract that a dead letter names."""


class Payloads:
    """Reads what one subscriber handles. Made when its worker starts: casts are declared by then.

    :ivar read: gives the payload of a delivery, or else its event. Raises ``ValueError`` (pydantic
        or the contract refuses it), `ContractNotFoundError` and `HopelessError`: no attempt can
        succeed; and whatever a cast raises.
    """

    def __init__(self, subscriber: Subscriber) -> None:
        handler = subscriber.handler
        self._validate: Callable[[bytes], object] = handler.validate
        self._version = _version_read(subscriber)
        self._chains: Chains = {} if self._version is None else chains_to(self._version)
        self.read: Callable[[Delivery], object]
        if handler.payload is not None:
            # Most models have no casts, and what an event names makes no difference to them.
            self.read = self._cast if self._chains else self._as_it_is
        elif subscriber.contract_check is not None:
            self.read = _checked(subscriber.contract_check)
        else:
            self.read = attrgetter("event")

    def _as_it_is(self, delivery: Delivery) -> object:
        return self._validate(delivery.detail_json)

    def _cast(self, delivery: Delivery) -> object:
        detail = delivery.event.detail_json
        chain = self._chains.get(self._counted(delivery) or 0)
        if chain is None:
            return self._validate(detail)
        made: object = chain[0].source.decode(detail)
        for cast in chain:
            try:
                made = cast(made)
            except ValueError as error:
                text = f"{cast}: {_problems(error)}"
                raise HopelessError("contract-violated", text) from error
        return made

    def _counted(self, delivery: Delivery) -> int | None:
        """The version that an event of the handler's type counts as."""
        event, own = delivery.event, self._version
        if own is None or (event.source, event.detail_type) != (own.topic, own.name):
            return None
        # Version 1 names itself nowhere, and neither do strangers.
        return delivery.version or (1 if 1 in self._chains else own.version)

    def refusal(self, delivery: Delivery, error: Exception) -> HopelessError:
        """What becomes of an event that cannot be read; without its values, which may be secret."""
        if isinstance(error, ContractNotFoundError):
            return HopelessError("contract-not-found", text_of(error))
        if isinstance(error, ContractViolationError):
            return HopelessError("contract-violated", _places(error))
        text = _problems(error)
        if _is_no_json(error):
            return HopelessError("undecodable", text)
        return HopelessError("contract-violated", text + self._remedy(delivery))

    def _remedy(self, delivery: Delivery) -> str:
        own, counted = self._version, self._counted(delivery)
        if own is None or counted is None:
            return ""
        name = own.model.__name__
        if counted in self._chains:
            source = self._chains[counted][0].source.model.__name__
            return f" (read as {source}, version {counted}, to be cast to {name})"
        if counted != own.version:
            wanted = "an @upcast" if counted < own.version else "a @downcast"
            return (
                f" (the event is version {counted}, {name} is version {own.version}: declare "
                f"{wanted} from the one to the other)"
            )
        if own.version > 1 and delivery.version is None:
            return (
                f" (the event names no version and was read as version {own.version}, {name}; if "
                "it is version 1, declare an @upcast from that)"
            )
        return ""


def _version_read(subscriber: Subscriber) -> EventType | None:
    """The event type that a handler's payload stands for: it may ask for a base class of it."""
    model = subscriber.handler.payload
    declared = None if model is None else declared_type(model)
    return declared or (None if model is None else subscriber.event_type)


def _checked(check: ContractCheck) -> Callable[[Delivery], object]:
    def read(delivery: Delivery) -> object:
        check(delivery.event, delivery.version)
        return delivery.event

    return read


def _places(error: ContractViolationError) -> str:
    places = [one.pointer or "/" for one in error.violations]
    more = len(places) - _SHOWN
    shown = ", ".join(places[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"the detail breaks the contract {error.contract} at {shown}"


def _is_no_json(error: Exception) -> bool:
    from pydantic import ValidationError  # noqa: PLC0415  loaded long ago if it was raised

    return isinstance(error, ValidationError) and any(
        problem["type"] == "json_invalid"
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _problems(error: Exception) -> str:
    from pydantic import ValidationError  # noqa: PLC0415  loaded long ago if it was raised

    if not isinstance(error, ValidationError):
        return text_of(error)
    return "; ".join(
        f"at {pointer(*problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
