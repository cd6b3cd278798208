"""Around an attempt: one effect per event, with the help of an idempotency store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import anyio

from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.delivery.report import logger
from eventroute.delivery.verdict import Verdict, given_back
from eventroute.errors import ClaimLostError
from eventroute.idempotency.port import Busy, Done, TransactionalStore, UnitOfWork
from eventroute.port import Ack

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute.idempotency.policy import Idempotency
    from eventroute.idempotency.port import Claim, IdempotencyStore, Key
    from eventroute.port import Delivery

__all__ = ["Guard"]

LAST_WORD: Final = 10.0
"""Seconds that the store has to end a claim, also when the worker is cancelled meanwhile."""

MARK_PAUSES: Final = (0.05, 0.2, 1.0)
"""Pauses, in seconds of real time, after which a mark that failed is written again; the last one
again and again."""

SHORTEST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
"""Bounds, in seconds, of the pause before an event that another worker holds is looked at again."""

UNMARKED: Final = "a duplicate would be handled again"

Try: TypeAlias = Callable[[object], Awaitable[Verdict]]
"""Makes an attempt with what the transaction gives to the handler, ``None`` without one."""

Fail: TypeAlias = Callable[[object, BaseException], Verdict]
"""The verdict on an attempt that failed, from the payload and the error."""


class Guard:
    """Makes attempts of events that were not handled yet.

    :param transaction: whether the handler shares the store's transaction.
    """

    def __init__(
        self,
        policy: Idempotency,
        store: IdempotencyStore,
        clock: Clock,
        *,
        lease: float,
        transaction: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease
        self._window = policy.window
        self._transaction = transaction
        self.key_of = policy.key_of

    async def make(self, key: Key, delivery: Delivery, attempt: Try, fail: Fail) -> Verdict:
        """Make an attempt, unless the key was handled before or is being handled elsewhere."""
        held: Claim | UnitOfWork | Done | Busy
        try:
            if self._transaction:
                store = cast("TransactionalStore", self._store)  # checked when the bus opened
                held = await store.begin(key, window=self._window)
            else:
                held = await self._store.claim(key, lease=self._lease, window=self._window)
        except Exception as error:
            # Not the event's fault: no attempt is counted, however long the store is away.
            logger.exception("%s: the idempotency store failed", key.subscription)
            return given_back(delivery, error, delay=LONGEST_PAUSE)
        if isinstance(held, Done):
            return Verdict(Ack(delivery), Outcome(OutcomeKind.DUPLICATE, delivery))
        if isinstance(held, Busy):
            seconds = min(max(SHORTEST_PAUSE, held.seconds), LONGEST_PAUSE)
            return given_back(delivery, delay=seconds)
        if self._transaction:
            return await _commit_or_roll_back(cast("UnitOfWork", held), delivery, attempt, fail)
        return await self._complete_or_release(cast("Claim", held), delivery, attempt)

    async def _complete_or_release(self, claim: Claim, delivery: Delivery, attempt: Try) -> Verdict:
        mark = _Mark(claim, delivery, self._lease)

        async def attempt_and_mark() -> Verdict:
            verdict = await attempt(None)
            if verdict.outcome.kind is OutcomeKind.HANDLED:
                await mark.write()
            return verdict

        try:
            return await self._keep_while(claim, delivery, attempt_and_mark)
        finally:
            if not mark.is_due:
                await _last_word(claim.release(), delivery, "its claim ends with its lease")
            elif not mark.is_over:  # the worker was cancelled meanwhile
                await _last_word(claim.complete(), delivery, UNMARKED)

    async def _keep_while(
        self, claim: Claim, delivery: Delivery, attempt: Callable[[], Awaitable[Verdict]]
    ) -> Verdict:
        """Make an attempt, and extend the claim beside it."""
        heartbeat = _Heartbeat(claim, delivery, self._clock, self._lease)
        exit_: BaseException | None = None
        verdict: Verdict | None = None
        async with anyio.create_task_group() as beside:
            beside.start_soon(heartbeat.run)
            try:
                verdict = await attempt()
            except (SystemExit, KeyboardInterrupt) as error:
                exit_ = error  # not through the task group, which would wrap it
            finally:
                heartbeat.stop()
        if verdict is None:
            raise exit_ or RuntimeError("the attempt gave no verdict")
        return verdict


class _Mark:
    """Says that an event was handled. The effect has happened: to repeat it would be worse.

    :ivar is_due: whether the handler is done.
    :ivar is_over: whether the mark is written, or was given up.
    """

    def __init__(self, claim: Claim, delivery: Delivery, lease: float) -> None:
        self._claim, self._delivery, self._lease = claim, delivery, lease
        self.is_due = False
        self.is_over = False

    async def write(self) -> None:
        """Write it, again and again for as long as a lease lasts."""
        self.is_due = True
        pauses = iter(MARK_PAUSES)
        pause = 0.0
        deadline = anyio.current_time() + self._lease
        while True:
            try:
                with anyio.fail_after(max(LAST_WORD, deadline - anyio.current_time())):
                    await self._claim.complete()
                break
            except Exception as error:
                pause = next(pauses, pause)
                name = self._delivery.subscription
                if isinstance(error, ClaimLostError) or anyio.current_time() + pause > deadline:
                    _report_failure(self._delivery, UNMARKED)
                    break
                logger.warning("%s: an event is not marked as handled yet: %s", name, error)
            await anyio.sleep(pause)
        self.is_over = True


class _Heartbeat:
    def __init__(self, claim: Claim, delivery: Delivery, clock: Clock, lease: float) -> None:
        self._claim, self._delivery, self._clock, self._lease = claim, delivery, clock, lease
        self._wake = anyio.Event()
        self._over = False

    async def run(self) -> None:
        while not self._over:
            await self._clock.wait(self._wake, self._clock.now() + self._lease / 3)
            if self._over:
                return
            self._wake = anyio.Event()
            try:
                await self._claim.extend(self._lease)
            except ClaimLostError as error:
                if self._over:  # it was completed meanwhile
                    return
                logger.warning("%s: %s", self._delivery.subscription, error)
                return
            except Exception:
                logger.exception("%s: a claim was not extended", self._delivery.subscription)

    def stop(self) -> None:
        self._over = True
        self._wake.set()


async def _commit_or_roll_back(
    unit: UnitOfWork, delivery: Delivery, attempt: Try, fail: Fail
) -> Verdict:
    verdict: Verdict | None = None
    committed = False
    try:
        verdict = await attempt(unit.handle)
        if verdict.outcome.kind is OutcomeKind.HANDLED:
            # A commit that is cut off by a cancellation might have happened.
            with anyio.fail_after(LAST_WORD, shield=True):
                await unit.commit()
            committed = True
    except Exception as error:
        payload = verdict.outcome.payload if verdict is not None else None
        verdict = fail(payload, error)
    finally:
        if not committed:
            await _last_word(unit.rollback(), delivery, "the database rolls it back")
    return verdict


async def _last_word(call: Awaitable[None], delivery: Delivery, consequence: str) -> None:
    try:
        with anyio.fail_after(LAST_WORD, shield=True):
            await call
    except Exception:
        _report_failure(delivery, consequence)


def _report_failure(delivery: Delivery, consequence: str) -> None:
    logger.exception(
        "%s: the idempotency store failed after event %s; %s",
        delivery.subscription,
        delivery.event.id,
        consequence,
    )
