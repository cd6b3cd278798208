"""Which dead letters are meant: all, some by id, some by what their event holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.delivery.where import Where, pattern_of
from eventroute.envelope import Event
from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.port import DeadLetter

__all__ = ["Choice", "event_id_of"]


def event_id_of(letter: DeadLetter) -> str | None:
    """The id of a letter's event; ``None`` where it cannot be read."""
    try:
        return Event.from_trusted_json(letter.body).id
    except EventRouteError:
        return None


class Choice:
    """Chooses letters, one after the other.

    :param ids: ids of letters, or of their events; ``None`` is every letter.
    :param where: a pattern that the event must match; ``None`` is every letter. An event that
        cannot be read matches nothing.
    :raises PatternError: the pattern is not valid.
    :raises DeclarationError: ``where`` is no pattern.
    """

    def __init__(self, ids: str | Iterable[str] | None, where: Where | None) -> None:
        self._ids = None if ids is None else dict.fromkeys([ids] if isinstance(ids, str) else ids)
        self._where = pattern_of(where)
        self._found: set[str] = set()
        self._exact = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids that no letter has had so far."""
        return tuple(one for one in self._ids or () if one not in self._found)

    @property
    def complete(self) -> bool:
        """Whether no other letter can be meant: an event may have several, an id has one."""
        return self._ids is not None and self._exact == len(self._ids)

    def takes(self, letter: DeadLetter) -> bool:
        """Whether this letter is meant. Asked once for each letter."""
        return self._is_named(letter) and self._matches(letter)

    def _is_named(self, letter: DeadLetter) -> bool:
        if self._ids is None:
            return True
        self._exact += letter.id in self._ids
        named = {letter.id, event_id_of(letter)} & self._ids.keys()
        self._found.update(one for one in named if one is not None)
        return bool(named)

    def _matches(self, letter: DeadLetter) -> bool:
        if self._where is None:
            return True
        try:
            return self._where.matches(Event.from_trusted_json(letter.body))
        except EventRouteError:
            return False
