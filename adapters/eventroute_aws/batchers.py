"""Requests to several destinations, gathered for each on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import anyio
from botocore.exceptions import ClientError

from eventroute.errors import ConfigurationError, EventRouteError, NotOpenError
from eventroute_aws.background import Background
from eventroute_aws.batching import Batcher
from eventroute_aws.failures import translate
from eventroute_aws.limits import BATCH
from eventroute_aws.waiting import EntryT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute_aws.batching import Send
    from eventroute_aws.options import AwsOptions

__all__ = ["Batchers", "request"]


class Batchers(Generic[EntryT]):
    """A batcher for each destination, made when it is first needed."""

    def __init__(self, options: AwsOptions) -> None:
        self._options = options
        self._background = Background()
        self._batchers: dict[str, Batcher[EntryT]] = {}
        self._closed = False

    def known(self, name: str) -> Batcher[EntryT] | None:
        """What gathers the entries for a destination, if it was made before."""
        return self._batchers.get(name)

    async def to(self, name: str, send: Send[EntryT], max_bytes: int) -> Batcher[EntryT]:
        """What gathers the entries for a destination.

        :param send: makes a request.
        :param max_bytes: most bytes of a request.
        :raises NotOpenError: closed.
        """
        batcher = self._batchers.get(name)
        if batcher is not None:
            return batcher
        group = None if self._closed else await self._background.group()
        if group is None or self._closed:  # it may have been closed meanwhile
            raise NotOpenError("the AWS backend was closed; nothing can be published any more")
        return self._batchers.setdefault(
            name,
            Batcher(
                group,
                send,
                max_entries=BATCH,
                max_bytes=max_bytes,
                linger=self._options.linger,
                max_calls=self._options.connections,
            ),
        )

    async def close(self) -> None:
        """Send what waits, and let the requests under way end. Idempotent."""
        self._closed = True
        async with anyio.create_task_group() as group:
            for batcher in self._batchers.values():
                group.start_soon(batcher.close)
        await self._background.close()


async def request(
    entries: Sequence[EntryT],
    make: Callable[[Sequence[EntryT]], Awaitable[Sequence[EventRouteError | None]]],
    doing: str,
) -> Sequence[EventRouteError | None]:
    """Make a request; where AWS refuses it for the sake of one entry, send the others without it.

    :param make: makes the request, and reads the outcomes from its answer.
    :param doing: for messages: ``"publishing to the topic orders"``.
    :raises EventRouteError: the request failed.
    """
    try:
        return await make(entries)
    except Exception as error:
        failure = translate(error, doing)
        refused = isinstance(error, ClientError) and isinstance(failure, ConfigurationError)
        if not refused or len(entries) == 1:
            raise failure from error
    half = len(entries) // 2
    outcomes: list[EventRouteError | None] = []
    for part in (entries[:half], entries[half:]):
        try:
            outcomes += await request(part, make, doing)
        except EventRouteError as error:
            outcomes += [error] * len(part)
    return outcomes
