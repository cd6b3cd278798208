"""The mark of a parameter that a factory fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Depends", "Factory"]

Factory: TypeAlias = Callable[..., object]


@dataclass(frozen=True, slots=True, eq=False)
class Depends:
    """Fills a parameter with what a factory gives: ``Annotated[Session, Depends(new_session)]``.

    A factory is a function, async or plain, or a generator that yields once: what follows the
    ``yield`` is clean-up, and runs when the event is settled. Its own parameters are filled as
    those of a handler, and may depend on further factories. Each factory is called at most once
    for each call of the handler.

    :ivar factory: what makes it; the annotated class when left out.
    :ivar in_thread: call a plain factory, and its clean-up, in a worker thread, as one that blocks
        should be; otherwise it runs in the event loop.
    :ivar enter: the factory gives a context manager, which is entered, and left when the event is
        settled. Functions decorated with ``contextmanager`` need not say so.
    """

    factory: Factory | None = None
    in_thread: bool = False
    enter: bool = False
