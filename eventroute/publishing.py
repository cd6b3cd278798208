"""The producer's side: from payloads to events that the backend has accepted."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio

from eventroute.envelope import described
from eventroute.errors import (
    AdapterError,
    DeclarationError,
    EventRouteError,
    LimitExceededError,
    UnsupportedError,
)
from eventroute.event_type import LATEST
from eventroute.port import NO_HEADERS, Headers, Outgoing, with_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from eventroute.envelope import Event
    from eventroute.port import Adapter, Capabilities
    from eventroute.registry import ContractPolicy

__all__ = ["Publish", "Publishing", "checked_headers", "checked_version"]

Publish: TypeAlias = Callable[["Sequence[Outgoing]"], Awaitable["Sequence[EventRouteError | None]"]]
"""Hands messages to the backend; one outcome each."""

FIRST_PAUSE: Final = 0.05
"""Bound of the first pause, in seconds, before a publish that failed is repeated."""

LONGEST_PAUSE: Final = 2.0

_HEADER: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_RESERVED: Final = "eventroute-"


class Publishing:
    """Checks events and hands them to a backend, again and again until it answers.

    :param timeout: seconds of real time that a publish may take, waiting for room and repeated
        calls included.
    """

    def __init__(
        self,
        adapter: Adapter,
        contracts: ContractPolicy | None,
        timeout: float,
        random: Random,
    ) -> None:
        self._adapter = adapter
        self._contracts = contracts
        self._timeout = timeout
        self._random = random
        self.around: Callable[[Publish], Publish] | None = None
        """Puts what the application wants around a publish."""

    async def publish(
        self,
        events: Sequence[Event],
        typed: Sequence[bool],
        headers: Headers = NO_HEADERS,
        delay: float = 0.0,
        version: int | None = None,
    ) -> list[EventRouteError | None]:
        """Publish in batches, one after the other; one outcome each.

        :param typed: whether the event was made from a payload, which needs no check.
        :param version: which version of their contracts the others fit, by the caller's word.
        """
        can = self._adapter.capabilities
        errors: list[EventRouteError | None] = []
        accepted: list[int] = []
        messages: list[Outgoing] = []
        for index, (event, is_typed) in enumerate(zip(events, typed, strict=True)):
            try:
                named = self._checked(event, can, is_typed, version)
            except EventRouteError as error:
                errors.append(error)
            else:
                errors.append(None)
                accepted.append(index)
                messages.append(Outgoing(event, with_version(headers, named), delay))
        outcomes: Sequence[EventRouteError | None]
        if self.around is None or not messages:
            outcomes = await self._publish(messages)
        else:
            outcomes = await self.around(self._publish_what_fits)(messages)
        for index, outcome in zip(accepted, outcomes, strict=True):
            errors[index] = outcome
        return errors

    async def _publish(self, messages: Sequence[Outgoing]) -> list[EventRouteError | None]:
        size = self._adapter.capabilities.batch_size
        deadline = anyio.current_time() + self._timeout
        outcomes: list[EventRouteError | None] = []
        for start in range(0, len(messages), size):
            outcomes += await self._hand_over(list(messages[start : start + size]), deadline)
        return outcomes

    async def _publish_what_fits(
        self, messages: Sequence[Outgoing]
    ) -> list[EventRouteError | None]:
        """Publish what middleware made of the messages: it may have let them grow."""
        can = self._adapter.capabilities
        errors = [_too_large(one.event, can) for one in messages]
        fit = [index for index, error in enumerate(errors) if error is None]
        outcomes = await self._publish([messages[index] for index in fit])
        for index, outcome in zip(fit, outcomes, strict=True):
            errors[index] = outcome
        return errors

    async def _hand_over(
        self, batch: list[Outgoing], deadline: float
    ) -> list[EventRouteError | None]:
        """Repeat what failed in a way that a later call may not, under the same ids."""
        outcomes: list[EventRouteError | None] = [None] * len(batch)
        left = list(range(len(batch)))
        pause = FIRST_PAUSE
        while True:
            remaining = max(0.0, deadline - anyio.current_time())
            for index, outcome in zip(left, await self._call(batch, left, remaining), strict=True):
                outcomes[index] = outcome
            left = [index for index in left if isinstance(outcomes[index], AdapterError)]
            if not left:
                return outcomes
            # Drawn, so that publishers that failed together do not come back together.
            waited = pause * self._random.uniform(0.5, 1.0)
            if anyio.current_time() + waited >= deadline:
                return outcomes
            await anyio.sleep(waited)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _call(
        self, batch: list[Outgoing], left: list[int], timeout: float
    ) -> Sequence[EventRouteError | None]:
        messages = batch if len(left) == len(batch) else [batch[index] for index in left]
        try:
            return await self._adapter.publish(messages, timeout=timeout)
        except EventRouteError as error:
            return [error] * len(messages)

    def _checked(
        self, event: Event, can: Capabilities, typed: bool, version: int | None
    ) -> int | None:
        """The version of its contract that the event is to name, once it is checked.

        :raises EventRouteError: it is refused.
        """
        too_large = _too_large(event, can)
        if too_large is not None:
            raise too_large
        named = event.contract_version if version is None else version
        if self._contracts is None or typed:
            return named
        return self._contracts.check(event, named) or named

    def delay(self, delay: float, at: datetime | None) -> float:
        """Seconds until an event is to count as published.

        :raises DeclarationError: not seconds, or no time with a time zone, or both are given.
        :raises UnsupportedError: the backend does not delay that long.
        """
        if at is not None:
            if delay:
                raise DeclarationError(f"delay={delay!r} and at={at!r}: give one of them")
            if not isinstance(at, datetime) or at.tzinfo is None:
                raise DeclarationError(
                    f"at={at!r}: is no time with a time zone; write datetime(..., tzinfo=UTC)"
                )
            delay = max(0.0, (at - datetime.now(UTC)).total_seconds())
        number = isinstance(delay, int | float) and not isinstance(delay, bool)
        if not number or not isfinite(delay) or delay < 0:
            raise DeclarationError(f"delay={delay!r}: must be seconds, 0 or more")
        longest = self._adapter.capabilities.max_publish_delay
        if longest is not None and delay > longest:
            said = f"delays an event by at most {longest:g} s" if longest else "delays no event"
            raise UnsupportedError(
                f"the event is to be published in {delay:g} s, and this backend {said}; "
                "set the backend up for longer delays if it can, keep the event until then, or "
                "choose another backend"
            )
        return float(delay)


def _too_large(event: Event, can: Capabilities) -> EventRouteError | None:
    size, limit = len(event.to_json()), can.max_event_bytes
    if limit is None or size <= limit:
        return None
    return LimitExceededError(
        f"{described(event)} has {size:,} bytes; the backend accepts {limit:,}. "
        f"{can.when_too_large}"
    )


def checked_headers(headers: Mapping[str, str] | None) -> Headers:
    """Return headers that every backend carries.

    :raises DeclarationError: naming the header, and what is wrong with it.
    """
    if not headers:
        return NO_HEADERS
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER.fullmatch(name):
            raise DeclarationError(
                f"the header {name!r}: a name has 1 to 256 ASCII letters, digits, '-', '_', '.'"
            )
        if name.lower().startswith(_RESERVED):
            raise DeclarationError(
                f"the header {name!r}: names that begin with {_RESERVED!r} are eventroute's own"
            )
        if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
            raise DeclarationError(
                f"the header {name!r} is {value!r}; a value is printable ASCII text. Put anything "
                "else into the event"
            )
    return dict(headers)


def checked_version(version: int | None) -> int | None:
    """Return what an untyped event may name as the version of its contract.

    :raises DeclarationError: it is no version.
    """
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= LATEST:
        raise DeclarationError(f"version={version!r}: must be a whole number from 1 to {LATEST:,}")
    return version
