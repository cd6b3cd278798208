"""A session that a handler may use, but whose transaction it cannot end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy import event
from sqlalchemy.orm import Session

from eventroute.errors import ClaimLostError, TransactionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from eventroute.idempotency.port import Key

__all__ = ["SessionUnit", "in_session"]

T = TypeVar("T")


async def in_session(session: Session | AsyncSession, work: Callable[[Session], T]) -> T:
    """Do something with a session: in a thread, or in the event loop where it is for that."""
    if isinstance(session, Session):
        return await anyio.to_thread.run_sync(work, session)
    return await session.run_sync(work)


class SessionUnit:
    """See :class:`eventroute.idempotency.UnitOfWork`.

    :param mark: writes that the key is handled; raises `ClaimLostError` where its row is gone.
    :param free: called when the transaction has ended.
    """

    def __init__(
        self,
        session: Session | AsyncSession,
        key: Key,
        mark: Callable[[Session], None],
        free: Callable[[], None],
    ) -> None:
        self._session = session
        self._key = key
        self._mark = mark
        self._free = free
        self._lent = True
        self._ended = False
        whole = session if isinstance(session, Session) else session.sync_session
        event.listen(whole, "before_commit", self._refuse_if_lent)

    @property
    def handle(self) -> object:
        """The session."""
        return self._session

    async def commit(self) -> None:
        """See :class:`eventroute.idempotency.UnitOfWork`.

        :raises TransactionError: the handler has ended the transaction.
        """
        self._lent = False
        await in_session(self._session, self._commit)
        await self._close()

    async def rollback(self) -> None:
        """See :class:`eventroute.idempotency.UnitOfWork`."""
        await self._close()

    def _commit(self, session: Session) -> None:
        try:
            self._mark(session)
        except ClaimLostError as error:
            raise TransactionError(
                f"the transaction of {self._key.subscription} was rolled back before its handler "
                "returned; nothing of it is kept. Use begin_nested() to undo a part"
            ) from error
        session.commit()

    async def _close(self) -> None:
        session = self._session
        try:
            if isinstance(session, Session):
                await anyio.to_thread.run_sync(session.close)
            else:
                await session.close()
        finally:
            if not self._ended:
                self._ended = True
                self._free()

    def _refuse_if_lent(self, session: Session) -> None:
        if self._lent and not session.in_nested_transaction():
            raise TransactionError(
                "commit() would end the transaction that the handler shares with the idempotency "
                "store; it is committed when the handler returns and rolled back when it raises"
            )
