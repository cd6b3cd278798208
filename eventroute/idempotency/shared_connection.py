"""A SQLite connection that a handler may use, but whose transaction it cannot end."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Literal

from eventroute.errors import TransactionError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["SharedConnection"]


class SharedConnection(sqlite3.Connection):
    """``with connection:`` is a savepoint; what would end a lent transaction is refused."""

    _lent = False
    _depth = 0

    def lend(self) -> None:
        """Let nobody but the store begin or end a transaction from here on."""
        self._lent = True
        self.set_authorizer(_no_transactions)

    def take_back(self) -> None:
        """Let the store end the transaction."""
        self.set_authorizer(None)
        self._lent = False
        self._depth = 0

    def commit(self) -> None:
        """See :meth:`sqlite3.Connection.commit`.

        :raises TransactionError: a handler has the connection. So with the methods below.
        """
        self._refuse_if_lent("commit()")
        super().commit()

    def rollback(self) -> None:
        """See :meth:`sqlite3.Connection.rollback`."""
        self._refuse_if_lent("rollback()")
        super().rollback()

    def close(self) -> None:
        """See :meth:`sqlite3.Connection.close`."""
        self._refuse_if_lent("close()")
        super().close()

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        """See :meth:`sqlite3.Connection.executescript`, which commits first."""
        self._refuse_if_lent("executescript()")
        return super().executescript(sql_script)

    def _refuse_if_lent(self, what: str) -> None:
        if self._lent:
            raise TransactionError(
                f"{what} would end the transaction that the handler shares with the idempotency "
                "store; it is committed when the handler returns and rolled back when it raises"
            )

    def __enter__(self) -> SharedConnection:
        self._depth += 1
        self.execute(f"SAVEPOINT eventroute_{self._depth}")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]:
        if exc is not None:
            self.execute(f"ROLLBACK TO eventroute_{self._depth}")
        self.execute(f"RELEASE eventroute_{self._depth}")
        self._depth -= 1
        return False


def _no_transactions(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    del first, second, database, trigger
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK
