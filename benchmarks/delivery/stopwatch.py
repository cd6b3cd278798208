"""Takes CPU time and time on the wall together."""

from __future__ import annotations

from time import perf_counter, process_time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Stopwatch"]


class Stopwatch:
    """Measures what is done inside ``with``.

    :ivar cpu: CPU seconds, those of other threads of the process included.
    :ivar wall: seconds that passed.
    """

    def __init__(self) -> None:
        self.cpu = 0.0
        self.wall = 0.0

    def __enter__(self) -> Self:
        self._cpu, self._wall = process_time(), perf_counter()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cpu = process_time() - self._cpu
        self.wall = perf_counter() - self._wall
