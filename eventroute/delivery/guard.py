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

SHORTEST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
"""Bounds, in seconds, of the pause before an event that another worker holds is looked at again."""

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
        handled = False
        try:
            verdict = await self._keep_while(claim, delivery, attempt)
            handled = verdict.outcome.kind is OutcomeKind.HANDLED
        finally:
            if handled:
                # The effect has happened; to repeat it for want of a mark would be worse.
                await _last_word(claim.complete(), delivery, "a duplicate would be handled again")
            else:
                await _last_word(claim.release(), delivery, "its claim ends with its lease")
        return verdict

    async def _keep_while(self, claim: Claim, delivery: Delivery, attempt: Try) -> Verdict:
        """Make an attempt, and extend the claim beside it."""
        heartbeat = _Heartbeat(claim, delivery, self._clock, self._lease)
        exit_: BaseException | None = None
        verdict: Verdict | None = None
        async with anyio.create_task_group() as beside:
            beside.start_soon(heartbeat.run)
            try:
                verdict = await attempt(None)
            except (SystemExit, KeyboardInterrupt) as error:
                exit_ = error  # not through the task group, which would wrap it
            finally:
                heartbeat.stop()
        if verdict is None:
            raise exit_ or RuntimeError("the attempt gave no verdict")
        return verdict


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
        logger.exception(
            "%s: the idempotency store failed after event %s; %s",
            delivery.subscription,
            delivery.event.id,
            consequence,
        )
