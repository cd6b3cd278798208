"""What a change does to the paths that a subscription or route names outside of its pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.impact.effect import Effect, Severity
from eventroute.impact.side import in_detail
from eventroute.pattern.json_values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.impact.effect import EffectKind
    from eventroute.impact.side import Side
    from eventroute.pattern.analysis import Field
    from eventroute.topology import Route

__all__ = ["input_effects", "key_effects"]

# A position in an array ends what is followed.
_MEMBERS: Final = re.compile(r"\$\.detail((?:\.[\w/-]+)+)", re.ASCII)


def key_effects(subscriber: Subscriber, old: Side, new: Side) -> Iterator[Effect]:
    """Ordering and idempotency keys that events no longer have, or no longer surely have."""
    name, path = subscriber.subscription.name, subscriber.subscription.ordered_by
    if path is not None:
        share = "events without it share one key, and are handled one after the other"
        yield from _Named(name, "order-lost", f"ordered_by={path!r}", share).lost(path, old, new)
    key = None if subscriber.idempotency is None else subscriber.idempotency.key
    if isinstance(key, str):
        by_id = "events without it are told apart by their ids alone"
        yield from _Named(name, "key-lost", f"Idempotency({key!r})", by_id).lost(key, old, new)


def input_effects(route: Route, old: Side, new: Side) -> Iterator[Effect]:
    """Fields that a route's input transformer reads, and events no longer have."""
    for variable, path in {} if route.input is None else route.input.paths.items():
        found = _MEMBERS.match(path)
        if found is not None:
            what = f"the input's {variable}={path!r}"
            named = _Named(route.name, "input-lost", what, "the target is given nothing for it")
            yield from named.lost(found[1].removeprefix("."), old, new)


@dataclass(frozen=True, slots=True)
class _Named:
    """A path that somebody named.

    :ivar what: where, for the sentence.
    :ivar so: what becomes of events that have nothing there.
    """

    name: str
    kind: EffectKind
    what: str
    so: str

    def lost(self, path: str, old: Side, new: Side) -> Iterator[Effect]:
        before, after = old.member(path), new.member(path)
        field = shown(f"detail.{path}")
        if before.declared and (after.declared is False or not after.kinds):
            reason = f"the contract declares no {field} any more"
            yield self._effect(Severity.BREAKS, reason, before)
        elif before.always and not after.always:
            yield self._effect(Severity.WARNS, f"{field} may be missing now", after)
        elif self.kind == "key-lost" and "null" in after.kinds - before.kinds:
            yield self._effect(Severity.WARNS, f"{field} may be null now", after)

    def _effect(self, severity: Severity, reason: str, field: Field) -> Effect:
        sentence = f"{self.what}: {reason}; {self.so}"
        place = in_detail(field.pointer)
        return Effect(self.name, self.kind, severity, sentence, schema_pointer=place)
