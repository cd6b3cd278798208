"""A walk through a dead-letter queue: every letter once, and none of them hidden afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

import anyio
import anyio.lowlevel

from eventroute.delivery.report import logger
from eventroute.errors import AdapterError, EventRouteError
from eventroute.port import NO_HEADERS, DeadLetter, Keep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from eventroute.port import Adapter, DeadSettlement

__all__ = ["Scan"]

LEASE: Final = 120.0
"""Seconds that letters stay hidden if this process dies in the middle of a walk."""

LONGEST_CALL: Final = 30.0
"""Seconds that the backend has to answer; a call is not cut short, lest its letters stay hidden."""


class Scan:
    """Leases letters batch by batch; on leaving, gives back those that were not settled.

    Letters that die after the walk began are passed over, so that a walk ends although what it
    redrives may die again.
    """

    def __init__(self, adapter: Adapter, subscription: str) -> None:
        self._adapter = adapter
        self._subscription = subscription
        self._began = datetime.now(UTC)
        self._seen: set[str] = set()
        self._held: dict[str, DeadLetter] = {}
        self._redriven: set[bytes] = set()  # digests
        self._idle = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with anyio.move_on_after(LONGEST_CALL, shield=True):
                await self._give_back()
        finally:
            if self._held:
                logger.warning(
                    "%s: %d dead letters could not be given back; they are hidden for at most "
                    "%.0f s",
                    self._subscription,
                    len(self._held),
                    LEASE,
                )

    async def next(self, limit: int) -> Sequence[DeadLetter]:
        """Up to ``limit`` letters that this walk has not shown yet; empty at its end.

        :raises AdapterError: the backend failed.
        """
        while True:
            letters = await self._receive(limit)
            if not letters:
                return []
            fresh = [letter for letter in letters if self._is_fresh(letter)]
            if fresh:
                self._seen.update(letter.id for letter in fresh)
                self._idle = 0
                return fresh
            # Leases that ended bring back what was seen: once around without news is the end.
            self._idle += len(letters)
            if self._idle > len(self._seen) + 5 * limit:
                return []

    async def settle(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """Settle letters of this walk; a call that fails as a whole is the error of each."""
        try:
            outcomes = await self._adapter.settle_dead(settlements)
        except EventRouteError as error:
            return [error] * len(settlements)
        for settlement, outcome in zip(settlements, outcomes, strict=True):
            if outcome is None:
                letter = settlement.letter
                self._held.pop(letter.id, None)
                if letter.died is None:
                    self._redriven.add(_digest(letter))
        return outcomes

    async def _receive(self, limit: int) -> Sequence[DeadLetter]:
        letters: Sequence[DeadLetter] = []
        with anyio.move_on_after(LONGEST_CALL, shield=True) as call:
            letters = await self._adapter.receive_dead(self._subscription, limit=limit, lease=LEASE)
        if call.cancelled_caught:
            raise AdapterError(
                f"the backend did not answer for {LONGEST_CALL:.0f} s when asked for the dead "
                f"letters of {self._subscription!r}; try again"
            )
        self._held.update((letter.id, _without_contents(letter)) for letter in letters)
        await anyio.lowlevel.checkpoint()
        return letters

    def _is_fresh(self, letter: DeadLetter) -> bool:
        if letter.id in self._seen:
            return False
        if letter.died is None:
            return _digest(letter) not in self._redriven
        return letter.died <= self._began

    async def _give_back(self) -> None:
        size = self._adapter.capabilities.batch_size
        while self._held:
            batch = list(self._held.values())[:size]
            try:
                await self._adapter.settle_dead([Keep(letter) for letter in batch])
            except EventRouteError as error:
                logger.warning("%s: %s", self._subscription, error)
                return
            for letter in batch:  # one whose lease has ended is not hidden anyway
                del self._held[letter.id]


def _without_contents(letter: DeadLetter) -> DeadLetter:
    """What names a letter: a queue may hold more of them than memory."""
    return replace(letter, body=b"", error="", traceback="", headers=NO_HEADERS)


def _digest(letter: DeadLetter) -> bytes:
    return sha256(letter.body).digest()
