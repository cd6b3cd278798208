"""Calls that set things up: repeated with growing pauses, and not too many at once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from logging import getLogger
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
from botocore.exceptions import BotoCoreError, ClientError

from eventroute.errors import AdapterError
from eventroute_aws.failures import MISSING, REPEATABLE, code_of, translate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from eventroute.port import Change

__all__ = ["Calls", "Patience"]

Item = TypeVar("Item")
Result = TypeVar("Result")

logger: Final = getLogger("eventroute.aws")

_AT_ONCE: Final = 8
_UNREMARKABLE: Final = 0.5
"""Longest pause, in seconds, of which nobody is told."""

_DELETED_LATELY: Final = frozenset(
    {"AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"}
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How calls are repeated. Seconds; each pause is drawn from the upper half of what it may be.

    :ivar first: the first pause; later ones double.
    :ivar longest: a pause.
    :ivar whole: all pauses together.
    :ivar reuse: all pauses, where SQS still holds the name of a queue that was deleted: a minute.
    """

    first: float = 0.1
    longest: float = 5.0
    whole: float = 30.0
    reuse: float = 75.0


class Calls:
    """Makes calls to AWS that may be made twice.

    :param random_: draws the jitter.
    """

    def __init__(
        self, patience: Patience | None = None, random_: random.Random | None = None
    ) -> None:
        self._patience = patience or Patience()
        self._random = random_ or random.Random()  # noqa: S311  jitter is no secret
        self._limiter: anyio.CapacityLimiter | None = None
        self._told = 0.0

    async def call(self, doing: str, make: Callable[[], Awaitable[Result]]) -> Result:
        """Make a call until it succeeds, or fails for good.

        :param doing: for messages: ``"creating the topic shop"``.
        :raises ClientError: AWS refused; see :func:`~eventroute_aws.failures.code_of`.
        :raises EventRouteError: AWS could not be reached.
        """
        patience = self._patience
        pause, waited = patience.first, 0.0
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        while True:
            try:
                async with self._limiter:
                    result = await make()
            except ClientError as error:
                failure = translate(error, doing)
                if waited >= self._most(error):
                    raise
            except (BotoCoreError, OSError) as error:
                failure = translate(error, doing)
                if not isinstance(failure, AdapterError) or waited >= patience.whole:
                    raise failure from error
            else:
                self._told = 0.0
                return result
            waited += (drawn := pause * self._random.uniform(0.5, 1))
            if pause > _UNREMARKABLE and self._told < pause:
                self._told = pause  # once for all calls that wait
                logger.warning("%s; trying again", failure)
            await anyio.sleep(drawn)
            pause = min(pause * 2, patience.longest)

    async def ask(
        self,
        doing: str,
        make: Callable[[], Awaitable[Result]],
        missing: Collection[str] = frozenset(),
    ) -> Result | None:
        """Make a call that looks at something; ``None`` where it is not there.

        :param missing: more codes that say so.
        :raises EventRouteError: AWS refused, or could not be reached.
        """
        try:
            return await self.call(doing, make)
        except ClientError as error:
            if code_of(error) in MISSING or code_of(error) in missing:
                return None
            raise translate(error, doing) from error

    async def make(self, change: Change, make: Callable[[], Awaitable[Result]]) -> Result:
        """Make a call that a change takes; see :meth:`call`."""
        return await self.call(f"to {change.action} the {change.resource}", make)

    async def each(
        self, items: Iterable[Item], work: Callable[[Item], Awaitable[Result]]
    ) -> list[Result]:
        """Work on several at once; results in their order.

        :raises Exception: what failed first; the others are cancelled then.
        """
        given = list(items)
        results: dict[int, Result] = {}
        failed: list[Exception] = []

        async def one(index: int, item: Item) -> None:
            try:
                results[index] = await work(item)
            except Exception as error:
                failed.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for index, item in enumerate(given):
                group.start_soon(one, index, item)
        if failed:
            raise failed[0]
        return [results[index] for index in range(len(given))]

    def pause(self) -> float:
        """A short pause, for two that got in each other's way."""
        return self._patience.first * self._random.uniform(0.5, 1.5)

    def _most(self, error: ClientError) -> float:
        code = code_of(error)
        if code in _DELETED_LATELY:
            return self._patience.reuse
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return self._patience.whole if code in REPEATABLE or status >= 500 else 0.0
