"""Casts: from a payload of one version of an event type to one of another version."""

from __future__ import annotations

import inspect
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_type_hints

from eventroute.errors import DeclarationError
from eventroute.event_type import EventType, declared_type

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Cast", "Chains", "chains_to", "downcast", "upcast"]

FromT = TypeVar("FromT", bound="BaseModel")
ToT = TypeVar("ToT", bound="BaseModel")

Chains = Mapping[int, tuple["Cast", ...]]
"""The casts to apply, in order, by the version that an event has."""

_REQUIRED: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


@dataclass(frozen=True, slots=True)
class Cast:
    """What ``@upcast`` or ``@downcast`` declares.

    :ivar source: the version that it reads.
    :ivar target: the version that it gives.
    """

    kind: Literal["upcast", "downcast"]
    source: EventType
    target: EventType
    function: Callable[..., object]

    def __call__(self, payload: object) -> object:
        """Cast a payload.

        :raises TypeError: the function gave something else than what it is annotated with.
        """
        made = self.function(payload)
        if not isinstance(made, self.target.model):
            raise TypeError(
                f"{self} returned a {type(made).__name__}; it must return a "
                f"{self.target.model.__name__}"
            )
        return made

    def __str__(self) -> str:
        return (
            f"the {self.kind} {_name_of(self.function)} "
            f"(version {self.source.version} to {self.target.version})"
        )


def upcast(function: Callable[[FromT], ToT]) -> Callable[[FromT], ToT]:
    """Declare how an older version of an event becomes a newer one.

    >>> @upcast
    ... def with_country(old: OrderPlaced1) -> OrderPlaced2:
    ...     return OrderPlaced2(order_id=old.order_id, country="KR")

    Both versions are read from its annotations. Declare casts before the bus runs; they are
    chained where no single one leads from an event's version to its consumer's.

    :raises DeclarationError: it is no plain function of one parameter, an annotation is no event
        type, they are of different types, the version does not rise, or there is such a cast.
    """
    around = sys._getframe(1).f_locals  # pyright: ignore[reportPrivateUsage]
    return _declare("upcast", function, around)


def downcast(function: Callable[[FromT], ToT]) -> Callable[[FromT], ToT]:
    """Declare how a newer version of an event becomes an older one, which some consumer knows.

    :raises DeclarationError: as for :func:`upcast`, where the version must fall.
    """
    around = sys._getframe(1).f_locals  # pyright: ignore[reportPrivateUsage]
    return _declare("downcast", function, around)


def chains_to(target: EventType) -> Chains:
    """The shortest chains of declared casts that end at a version; of several, the first declared.

    None goes up and down: what is lost on the way down cannot be made up on the way up.
    """
    found: dict[int, tuple[Cast, ...]] = {}
    for kind in ("upcast", "downcast"):
        seen = {target}
        pending: deque[tuple[EventType, tuple[Cast, ...]]] = deque([(target, ())])
        while pending:
            reached, chain = pending.popleft()
            for cast in reached.casts:
                if cast.kind == kind and cast.source not in seen:
                    seen.add(cast.source)
                    longer = (cast, *chain)
                    found.setdefault(cast.source.version, longer)
                    pending.append((cast.source, longer))
    return found


def _declare(
    kind: Literal["upcast", "downcast"],
    function: Callable[[FromT], ToT],
    names: Mapping[str, object],
) -> Callable[[FromT], ToT]:
    place = f"@{kind} {_name_of(function)}"
    source, target = _versions(function, names, place)
    if (source.topic, source.name) != (target.topic, target.name):
        raise DeclarationError(
            f"{place} leads from {source.name!r} of {source.topic!r} to {target.name!r} of "
            f"{target.topic!r}; a cast stays within one event type"
        )
    rises = target.version - source.version
    if rises == 0 or (rises > 0) != (kind == "upcast"):
        other = "downcast" if kind == "upcast" else "upcast"
        remedy = f"declare it as @{other}" if rises else "a cast leads to another version"
        raise DeclarationError(
            f"{place} leads from version {source.version} to {target.version}; {remedy}"
        )
    twin = next((one for one in target.casts if one.source == source), None)
    if twin is not None:
        raise DeclarationError(
            f"{place} leads from version {source.version} to {target.version}, as "
            f"{_name_of(twin.function)} does already; remove one of them"
        )
    target.casts.append(Cast(kind, source, target, function))
    return function


def _versions(
    function: Callable[..., object], names: Mapping[str, object], place: str
) -> tuple[EventType, EventType]:
    shape = "(old: OneVersion) -> AnotherVersion"
    if not inspect.isroutine(function):
        raise DeclarationError(f"{place} is no function; decorate one: def {shape}")
    if (
        inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    ):
        raise DeclarationError(f"{place} must be a plain function: it only makes a new payload")
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) != 1 or parameters[0].kind not in _REQUIRED:
        raise DeclarationError(f"{place} must take one payload and nothing else: def {shape}")
    try:
        hints = get_type_hints(function, localns=dict(names))
    except NameError as error:
        raise DeclarationError(
            f"{place}: the annotation {error.name!r} cannot be resolved; import it at run time, "
            "not only under TYPE_CHECKING"
        ) from None
    source = _declared(hints.get(parameters[0].name), f"{place}: its parameter")
    return source, _declared(hints.get("return"), f"{place}: what it returns")


def _declared(hint: Any, what: str) -> EventType:  # noqa: ANN401  any annotation
    found = declared_type(hint) if inspect.isclass(hint) else None
    if found is None:
        shown = "has no annotation" if hint is None else f"is annotated with {_shown(hint)}"
        raise DeclarationError(f"{what} {shown}; annotate it with a model declared with @event")
    return found


def _shown(hint: object) -> str:
    return hint.__name__ if inspect.isclass(hint) else str(hint)


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", None) or repr(function)
