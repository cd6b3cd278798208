"""Reading of an event what lies at the paths that rules name, in whichever form it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from eventroute.envelope import Event
from eventroute.jsontext import MAX_BYTES, encode_utf8
from eventroute.pattern.index.leaf import Finding, UnusualEventError
from eventroute.pattern.index.mapping import read_mapping
from eventroute.pattern.index.projection import Projection
from eventroute.pattern.index.steps import Step, spellings, steps_to
from eventroute.pattern.json_values import decode

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from eventroute.pattern.event_values import EventLike

__all__ = ["Reader"]

_MOST_SPELLINGS: Final = 50_000
"""Where an event may write the ways to paths in more ways than these, it is read whole."""


class Reader:
    """How to read events, for one set of paths.

    :ivar size: how many paths there are.
    """

    __slots__ = ("_projection", "_root", "paths", "size")

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self.size = len(self.paths)
        self._root: Step | None = None
        self._projection: Projection | None = None
        if spellings(self.paths) > _MOST_SPELLINGS:
            return
        self._root = steps_to(self.paths)
        # Names that no generated type can have are read from the parsed event.
        plain = all(path.isprintable() and not {'"', "\\"} & {*path} for path in self.paths)
        self._projection = Projection(self._root, self.size) if plain else None

    def read(self, event: EventLike) -> tuple[Sequence[Finding], Set[tuple[str, ...]]]:
        """The findings, in the order of the paths; and the paths at which the event has an array.

        :raises UnusualEventError: the event has to be read as a whole.
        :raises EventError: a leaf is not a JSON value.
        """
        projection, root = self._projection, self._root
        if root is None:
            raise UnusualEventError
        if projection is None:
            return self._read_parsed(event, root)
        if isinstance(event, Event):
            return projection.read(event.to_json())
        if type(event) is bytes and len(event) <= MAX_BYTES:
            return projection.read(event)
        if isinstance(event, Mapping):
            return read_mapping(root, self.size, event)
        data = encode_utf8(event) if isinstance(event, str) else event
        if not isinstance(data, bytes) or len(data) > MAX_BYTES:
            raise UnusualEventError
        return projection.read(data)

    def _read_parsed(
        self, event: EventLike, root: Step
    ) -> tuple[Sequence[Finding], Set[tuple[str, ...]]]:
        if isinstance(event, Mapping):
            return read_mapping(root, self.size, event)
        document, repeated = (event.document, False) if isinstance(event, Event) else decode(event)
        if repeated or not isinstance(document, dict):
            raise UnusualEventError
        return read_mapping(root, self.size, document)
