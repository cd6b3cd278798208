"""The dead-letter queue of one subscription: look at it, try again, throw away."""

from __future__ import annotations

from math import ceil, isfinite
from typing import TYPE_CHECKING, Final

from eventroute.delivery.dead_letter_choice import Choice, event_id_of
from eventroute.delivery.dead_letter_report import Action, DeadLetterReport, LetterOutcome
from eventroute.delivery.dead_letter_scan import Scan
from eventroute.errors import DeclarationError, EventRouteError, NameNotFoundError
from eventroute.port import Discard, Redrive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventroute.clock import Clock
    from eventroute.delivery.where import Where
    from eventroute.port import Adapter, DeadLetter

__all__ = ["DeadLetterQueue"]

_SETTLEMENTS: Final[Mapping[Action, type[Redrive | Discard]]] = {
    "redrive": Redrive,
    "discard": Discard,
}


class DeadLetterQueue:
    """What a subscription could not handle, oldest first where the backend can tell.

    Looking at letters leases them for a moment: two calls at the same time share them.
    """

    def __init__(self, adapter: Adapter, subscription: str, clock: Clock) -> None:
        self._adapter = adapter
        self._subscription = subscription
        self._clock = clock

    @property
    def subscription(self) -> str:
        """Full name of the subscription."""
        return self._subscription

    async def list(
        self, *, where: Where | None = None, limit: int | None = 100
    ) -> Sequence[DeadLetter]:
        """Look at the letters; they stay where they are.

        :param where: an event pattern; letters whose event cannot be read match none.
        :param limit: most letters; ``None`` is all of them, held in memory.
        :raises AdapterError: the backend failed.
        """
        choice = Choice(where=where)
        _check_limit(limit)
        found: list[DeadLetter] = []
        size = self._adapter.capabilities.batch_size
        async with Scan(self._adapter, self._subscription) as scan:
            while limit is None or len(found) < limit:
                wanted = size if limit is None or where is not None else limit - len(found)
                letters = await scan.next(min(size, wanted))
                if not letters:
                    break
                found += [letter for letter in letters if choice.takes(letter)]
        return found[:limit]

    async def show(
        self,
        id: str | None = None,  # noqa: A002  the port's own name
        *,
        event_id: str | None = None,
    ) -> DeadLetter:
        """Look at one letter.

        :param id: the letter's.
        :param event_id: instead, that of its event, which may have several letters: the first one
            is shown.
        :raises NameNotFoundError: there is none.
        :raises DeclarationError: neither of them is given, or both are.
        :raises AdapterError: the backend failed.
        """
        if (id is None) == (event_id is None):
            raise DeclarationError(
                "show(id) or show(event_id=...): say one of the two, to name one letter"
            )
        choice = Choice(id, event_id)
        async with Scan(self._adapter, self._subscription) as scan:
            while letters := await scan.next(self._adapter.capabilities.batch_size):
                for letter in letters:
                    if choice.takes(letter):
                        return letter
        named = f"is of the event {event_id!r}" if id is None else f"has the id {id!r}"
        raise NameNotFoundError(
            f"no dead letter of {self._subscription!r} {named}; it may have been redriven or "
            "discarded, or be held by another call for a moment"
        )

    async def redrive(
        self,
        *,
        ids: str | Iterable[str] | None = None,
        event_ids: str | Iterable[str] | None = None,
        where: Where | None = None,
        limit: int | None = None,
        rate: float | None = None,
        dry_run: bool = False,
    ) -> DeadLetterReport:
        """Deliver letters again, as first attempts, to their own subscription; all by default.

        Ends although some may die again meanwhile: those are left for another call.

        :param ids: ids of letters.
        :param event_ids: ids of events; all letters of such an event are meant, beside those that
            ``ids`` names.
        :param where: an event pattern; letters whose event cannot be read match none.
        :param limit: most letters.
        :param rate: most letters a second, ``None`` is as fast as the backend takes them.
        :param dry_run: change nothing, and report what would be done.
        :raises PatternError: the pattern is not valid.
        :raises AdapterError: the backend failed before anything was done; later it is reported.
        """
        return await self._work("redrive", Choice(ids, event_ids, where), limit, rate, dry_run)

    async def discard(
        self,
        *,
        ids: str | Iterable[str] | None = None,
        event_ids: str | Iterable[str] | None = None,
        where: Where | None = None,
        everything: bool = False,
        limit: int | None = None,
        rate: float | None = None,
        dry_run: bool = False,
    ) -> DeadLetterReport:
        """Delete letters for good. Parameters and errors are those of :meth:`redrive`.

        :param everything: must be said where none of ``ids``, ``event_ids`` and ``where`` is.
        :raises DeclarationError: it is not said which letters.
        """
        if everything == any(one is not None for one in (ids, event_ids, where)):
            raise DeclarationError(
                "say which dead letters to discard for good: ids=, event_ids=, where=, or "
                "everything=True"
            )
        return await self._work("discard", Choice(ids, event_ids, where), limit, rate, dry_run)

    async def _work(
        self, action: Action, choice: Choice, limit: int | None, rate: float | None, dry_run: bool
    ) -> DeadLetterReport:
        _check_limit(limit)
        pace = _Pace(self._clock, None if dry_run else rate)
        size = pace.at_most(self._adapter.capabilities.batch_size, seconds=10.0)
        outcomes: list[LetterOutcome] = []
        interrupted: EventRouteError | None = None
        skipped = 0
        async with Scan(self._adapter, self._subscription) as scan:
            try:
                while not choice.complete and (limit is None or len(outcomes) < limit):
                    await pace.wait()  # leases should not end while nothing is allowed
                    letters = await scan.next(size)
                    if not letters:
                        break
                    chosen = [letter for letter in letters if choice.takes(letter)]
                    skipped += len(letters) - len(chosen)
                    chosen = chosen if limit is None else chosen[: limit - len(outcomes)]
                    step = pace.at_most(size, seconds=0.1)
                    for start in range(0, len(chosen), step):
                        outcomes += await self._settle(
                            scan, action, chosen[start : start + step], pace, dry_run
                        )
            except EventRouteError as error:
                if not outcomes:
                    raise
                interrupted = error
        return DeadLetterReport(
            action,
            dry_run,
            tuple(outcomes),
            skipped,
            choice.missing,
            interrupted,
            choice.missing_events,
        )

    async def _settle(
        self, scan: Scan, action: Action, letters: Sequence[DeadLetter], pace: _Pace, dry_run: bool
    ) -> Sequence[LetterOutcome]:
        errors: Sequence[EventRouteError | None] = [None] * len(letters)
        if not dry_run:
            await pace.wait()
            errors = await scan.settle([_SETTLEMENTS[action](letter) for letter in letters])
            pace.spend(len(letters))
        return [
            LetterOutcome(letter.id, event_id_of(letter), error)
            for letter, error in zip(letters, errors, strict=True)
        ]


class _Pace:
    """Lets through so many letters a second."""

    def __init__(self, clock: Clock, rate: float | None) -> None:
        if rate is not None and not (isfinite(rate) and rate > 0):
            raise DeclarationError(f"rate={rate!r}: must be letters a second, over 0")
        self._clock = clock
        self._rate = rate
        self._due = clock.now()

    def at_most(self, size: int, *, seconds: float) -> int:
        """How many may go in this time, at least one and at most ``size``."""
        return size if self._rate is None else min(size, max(1, ceil(self._rate * seconds)))

    async def wait(self) -> None:
        """Return when the next one may go."""
        left = self._due - self._clock.now()
        if left > 0:
            await self._clock.sleep(left)

    def spend(self, count: int) -> None:
        """Note that so many went."""
        if self._rate is not None:
            self._due = max(self._due, self._clock.now()) + count / self._rate


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise DeclarationError(f"limit={limit!r}: must be a whole number from 1, or None")
