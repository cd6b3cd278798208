"""What is awaited, and whether it gives way to other tasks."""

from __future__ import annotations

from types import coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

__all__ = ["Watch", "at_once"]

Result = TypeVar("Result")


def at_once(work: Coroutine[Any, Any, Result]) -> Result:
    """What ``await work`` gives, of a coroutine that gives way to nobody: nothing can cancel it.

    :raises RuntimeError: it does give way.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise RuntimeError(f"{work!r} gave way to other tasks, and is marked as what never does")


class Watch:
    """Calls back when what it runs first gives way to other tasks, each time that it was told to.

    It drives a coroutine by itself: tools that follow what a task awaits see no further than this.

    :ivar is_on: whether it is to call back.
    :param gives_way: must not wait.
    """

    __slots__ = ("_gives_way", "is_on")

    def __init__(self, gives_way: Callable[[], object]) -> None:
        self._gives_way = gives_way
        self.is_on = False

    @coroutine
    def run(self, work: Coroutine[Any, Any, Result]) -> Generator[Any, Any, Result]:
        """What ``await work`` is."""
        try:
            given = work.send(None)
            while True:
                if self.is_on:
                    self.is_on = False
                    self._gives_way()
                try:
                    answer = yield given
                except GeneratorExit:
                    work.close()
                    raise
                except BaseException as error:
                    given = work.throw(error)
                else:
                    given = work.send(answer)
        except StopIteration as end:
            result: Result = end.value
            return result
