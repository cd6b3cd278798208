"""Accept first, work later: every order is on disk before anybody is told "thank you"."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from eventroute import Event, EventBus, Router
from eventroute.errors import ContractViolationError
from examples.shop.events import OrderReceived

router = Router("inbox")
router.publishes(OrderReceived)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'new', reason TEXT
)
"""


class Inbox:
    """Orders as customers sent them, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute(_SCHEMA)

    def accept(self, order: dict[str, object]) -> int:
        """Store an order; it is safe when this returns its number."""
        with self._db:
            row = self._db.execute("INSERT INTO inbox (body) VALUES (?)", (json.dumps(order),))
        return int(row.lastrowid or 0)

    async def relay(self, bus: EventBus) -> None:
        """Publish what is new. Run again after a crash: the id keeps a repeated event the same."""
        rows = self._db.execute("SELECT id, body FROM inbox WHERE state = 'new'").fetchall()
        for number, body in rows:
            event = Event("shop.orders", "OrderReceived", json.loads(body), id=f"inbox-{number}")
            try:
                await bus.publish(event)
            except ContractViolationError as error:
                self._mark(number, "refused", "; ".join(str(one) for one in error.violations))
            else:
                self._mark(number, "published", None)

    def _mark(self, number: int, state: str, reason: str | None) -> None:
        with self._db:
            self._db.execute(
                "UPDATE inbox SET state = ?, reason = ? WHERE id = ?", (state, reason, number)
            )

    def refused(self) -> list[tuple[int, str]]:
        """Orders that break the contract, with the reason."""
        rows = self._db.execute("SELECT id, reason FROM inbox WHERE state = 'refused' ORDER BY id")
        return [(int(number), str(reason)) for number, reason in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
