"""Which relay publishes which rows.

Whoever claims the first row of a key has the key: rows behind it cannot be claimed while it is
there. So several relays never reorder a key. A claim ends by itself, as its relay may die.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, and_, delete, func, or_, select, update

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

__all__ = ["Claimed", "Result", "claim", "first_rows", "settle"]

_SKIPS_LOCKED: Final = {"mariadb", "mysql", "oracle", "postgresql"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row to publish."""

    id: int
    key: str | None
    body: bytes
    headers: str | None
    attempts: int


@dataclass(slots=True)
class Result:
    """What became of claimed rows.

    :ivar published: ids of rows that are done with.
    :ivar failed: ids of rows that are to be tried again, with the moment and the reason.
    """

    published: list[int] = field(default_factory=list)
    failed: dict[int, tuple[float, str]] = field(default_factory=dict)


def first_rows(table: Table, now: float, limit: int) -> Select[tuple[int]]:
    """Rows that are due and the first of their key."""
    row, same = table.c, table.alias().c
    # Not NOT EXISTS (an earlier row): PostgreSQL joins for that, which compares each row of a key
    # to each other one.
    first_of_key = select(func.min(same.id)).where(same.key == row.key).scalar_subquery()
    is_first = or_(row.key.is_(None), row.id == first_of_key)
    return select(row.id).where(row.due <= now, is_first).order_by(row.id).limit(limit)


def claim(
    connection: Connection, table: Table, token: str, *, now: float, until: float, limit: int
) -> list[Claimed]:
    """Claim rows that are due: the first of each key, and what follows it; in their order."""
    row = table.c
    query = first_rows(table, now, limit)
    if connection.dialect.name in _SKIPS_LOCKED:
        query = query.with_for_update(skip_locked=True, of=table)
    first = connection.scalars(query).all()
    if not first:
        return []
    mine = {"claim": token, "due": until}
    # Where nothing was locked, another relay may have been quicker.
    connection.execute(update(table).where(row.id.in_(first), row.due <= now).values(mine))
    claimed = connection.execute(select(row.id, row.key).where(row.claim == token)).all()
    keys = {key for _, key in claimed if key is not None}
    if keys and len(claimed) < limit:
        others = or_(row.claim.is_(None), row.claim != token)
        behind = (
            select(row.id)
            .where(and_(row.key.in_(keys), others))
            .order_by(row.id)
            .limit(limit - len(claimed))
        )
        followers = connection.scalars(behind).all()
        connection.execute(update(table).where(row.id.in_(followers)).values(mine))
    columns = (row.id, row.key, row.body, row.headers, row.attempts)
    rows = connection.execute(select(*columns).where(row.claim == token).order_by(row.id))
    return [Claimed(*found) for found in rows]


def settle(connection: Connection, table: Table, token: str, result: Result) -> None:
    """Delete what was published, and give back the rest of the claim, if it has not ended."""
    row = table.c
    mine = row.claim == token
    if result.published:
        connection.execute(delete(table).where(mine, row.id.in_(result.published)))
    for number, (due, error) in result.failed.items():
        connection.execute(
            update(table)
            .where(mine, row.id == number)
            .values(claim=None, due=due, attempts=row.attempts + 1, error=error)
        )
    connection.execute(update(table).where(mine).values(claim=None, due=0.0))
