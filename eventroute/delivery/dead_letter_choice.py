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


def _each(ids: str | Iterable[str] | None) -> dict[str, None]:
    return dict.fromkeys([ids] if isinstance(ids, str) else ids or ())


class Choice:
    """Chooses letters, one after the other.

    Without ids of either kind, every letter is meant that matches.

    :param ids: ids of letters.
    :param event_ids: ids of events; one may have several letters.
    :param where: a pattern that the event must match; ``None`` is every letter. An event that
        cannot be read matches nothing.
    :raises PatternError: the pattern is not valid.
    :raises DeclarationError: ``where`` is no pattern.
    """

    def __init__(
        self,
        ids: str | Iterable[str] | None = None,
        event_ids: str | Iterable[str] | None = None,
        where: Where | None = None,
    ) -> None:
        self._everything = ids is None and event_ids is None
        self._ids = _each(ids)
        self._event_ids = _each(event_ids)
        self._where = pattern_of(where)
        self._found: set[str] = set()
        self._found_events: set[str] = set()

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids that no letter has had so far."""
        return tuple(one for one in self._ids if one not in self._found)

    @property
    def missing_events(self) -> tuple[str, ...]:
        """Ids of events of which there was no letter so far."""
        return tuple(one for one in self._event_ids if one not in self._found_events)

    @property
    def complete(self) -> bool:
        """Whether no other letter can be meant: an event may have several, an id has one."""
        return not self._everything and not self._event_ids and len(self._found) == len(self._ids)

    def takes(self, letter: DeadLetter) -> bool:
        """Whether this letter is meant. Asked once for each letter."""
        return self._is_named(letter) and self._matches(letter)

    def _is_named(self, letter: DeadLetter) -> bool:
        if self._everything:
            return True
        named = letter.id in self._ids
        if named:
            self._found.add(letter.id)
        event_id = event_id_of(letter) if self._event_ids else None
        if event_id is not None and event_id in self._event_ids:
            self._found_events.add(event_id)
            named = True
        return named

    def _matches(self, letter: DeadLetter) -> bool:
        if self._where is None:
            return True
        try:
            return self._where.matches(Event.from_trusted_json(letter.body))
        except EventRouteError:
            return False
