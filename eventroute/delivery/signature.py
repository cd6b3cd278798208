"""How a function's signature is read, for handlers and for what they depend on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "HandlerFunction",
    "hints_of",
    "is_async",
    "marker",
    "name_of",
    "plainly",
    "signature_of",
]

HandlerFunction: TypeAlias = Callable[..., object]

T = TypeVar("T")


def signature_of(function: HandlerFunction) -> inspect.Signature:
    """The signature.

    :raises DeclarationError: it cannot be read, as of some builtins.
    """
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        raise DeclarationError(
            f"{name_of(function)} is not a function whose parameters can be read; "
            "wrap it in a function with annotations"
        ) from None


def hints_of(
    function: HandlerFunction, names: dict[str, object], model: type[BaseModel] | None
) -> dict[str, Any]:
    """The annotations, evaluated.

    :param names: local names that they may use.
    :raises DeclarationError: one of them names what is not known at run time.
    """
    plain: Any = inspect.unwrap(function)
    while hasattr(plain, "func"):  # functools.partial
        plain = inspect.unwrap(plain.func)
    if inspect.isclass(plain):
        plain = plain.__init__
    elif not inspect.isroutine(plain):
        plain = type(plain).__call__
    if model is not None:
        names.setdefault(model.__name__, model)
    try:
        return get_type_hints(plain, localns=names, include_extras=True)
    except NameError as error:
        raise DeclarationError(
            f"{name_of(function)}: the annotation {error.name!r} cannot be resolved; import it at "
            "run time, not only under TYPE_CHECKING"
        ) from None


def plainly(wanted: object) -> object:
    """The class in ``Annotated[C, …]`` and ``C | None``."""
    origin = get_origin(wanted)
    if origin is Annotated:
        return plainly(get_args(wanted)[0])
    if origin in (Union, UnionType):
        kinds = [kind for kind in get_args(wanted) if kind is not type(None)]
        if len(kinds) == 1:
            return plainly(kinds[0])
    return wanted


def is_async(function: HandlerFunction) -> bool:
    """Whether calling it gives something to await."""
    plain: Any = inspect.unwrap(function)
    while hasattr(plain, "func"):
        plain = plain.func
    call = getattr(plain, "__call__", None)  # noqa: B004  the method itself is what is asked about
    return inspect.iscoroutinefunction(plain) or inspect.iscoroutinefunction(call)


def name_of(function: HandlerFunction) -> str:
    """How errors name it."""
    return getattr(function, "__qualname__", None) or repr(function)


def marker(hint: object, kind: type[T]) -> T | type[T] | None:
    """What marks ``Annotated[..., kind]`` or ``Annotated[..., kind()]``, if anything does."""
    if get_origin(hint) is not Annotated:
        return None
    for note in get_args(hint)[1:]:
        if note is kind or isinstance(note, kind):
            return note
    return None
