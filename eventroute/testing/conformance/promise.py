"""Properties: checks in an event loop that pytest sees as plain test methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio

from eventroute.lifetime import raise_plainly
from eventroute.testing.conformance.backend import Backend

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from eventroute.testing.conformance.harness import Harness

__all__ = ["NotApplicableError", "check_of", "keeps", "promise"]

HarnessT = TypeVar("HarnessT", bound="Harness")

_CHECK: Final = "eventroute_check"


class NotApplicableError(Exception):
    """The backend declares that it cannot do this; where something must be refused, it was."""


def promise(
    check: Callable[[HarnessT, Backend], Coroutine[Any, Any, None]],
) -> Callable[[HarnessT, str, Path], None]:
    """Make a test method of a check.

    It needs no plugin of pytest: it runs its own event loop, the one that pytest's parameter
    ``loop`` names.
    """

    def test(self: HarnessT, loop: str, tmp_path: Path) -> None:
        import pytest  # noqa: PLC0415  a report is written without it

        try:
            keeps(self, check, loop=loop, place=tmp_path)
        except NotApplicableError as reason:
            pytest.skip(str(reason))

    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        setattr(test, name, getattr(check, name))
    setattr(test, _CHECK, check)
    return test


def check_of(method: object) -> Callable[[Any, Backend], Coroutine[Any, Any, None]] | None:
    """The check within a test method; ``None`` where it is no promise."""
    found: Callable[[Any, Backend], Coroutine[Any, Any, None]] | None
    found = getattr(method, _CHECK, None)
    return found


def keeps(
    harness: HarnessT,
    check: Callable[[HarnessT, Backend], Coroutine[Any, Any, None]],
    *,
    loop: str,
    place: Path,
) -> None:
    """Run a check on fresh storage; return when the backend keeps the promise.

    :param loop: ``"asyncio"`` or ``"trio"``.
    :param place: an empty folder.
    :raises NotApplicableError: the backend does not promise this.
    :raises Exception: what tells that the promise is broken.
    """

    async def main() -> None:
        with anyio.fail_after(harness.time_limit):
            async with Backend(harness, place) as backend:
                await check(harness, backend)

    try:
        anyio.run(main, backend=loop)
    except BaseExceptionGroup as errors:
        raise_plainly(errors)
