"""Handlers whose models would refuse the events of a contract: shown by an event, or left open."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from eventroute.errors import DeclarationError
from eventroute.impact.effect import Effect, Severity
from eventroute.impact.examples import as_event, examples, is_detail
from eventroute.impact.models import input_schema, refusal_of, writes
from eventroute.impact.side import in_detail
from eventroute.registry import Verdict, compatibility

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.impact.examples import Detail
    from eventroute.impact.models import Refusal
    from eventroute.impact.side import Side
    from eventroute.pattern.clause import SubRule
    from eventroute.registry import Compatibility

__all__ = ["Readers"]

_MOST_EXAMPLES: Final = 500
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Readers:
    """The handlers of an application, as readers of the events of a changed contract.

    :param seconds: how long one comparison of two schemas may take.
    """

    def __init__(self, old: Side, new: Side, seconds: float) -> None:
        self._old = old
        self._new = new
        self._seconds = seconds
        self._seeds: list[Detail] | None = None

    def effects(self, subscriber: Subscriber, rules: Sequence[SubRule]) -> list[Effect]:
        """What a subscription's handler can no longer read.

        :param rules: the alternatives of its pattern that concern the events.
        """
        model = subscriber.handler.payload
        if model is None or self._new.excludes(subscriber.subscription.pattern):
            return []
        name = subscriber.subscription.name
        try:
            subscriber.handler.check()
        except DeclarationError as error:
            return [_unproven(name, str(error))]
        own = writes(subscriber.event_type)
        if own is not None and own == self._new.contract.schema:
            return self._earlier(subscriber, model)
        return self._later(subscriber, model, rules)

    def _later(
        self, subscriber: Subscriber, model: type[BaseModel], rules: Sequence[SubRule]
    ) -> list[Effect]:
        """Events of the new contract that the model refuses, and that the old one did not allow."""
        name, pattern = subscriber.subscription.name, subscriber.subscription.pattern
        reads = _with_dialect(input_schema(model))
        differing = None if reads is None else self._judged(self._new.schema, reads)
        seeds = self._known_seeds()
        if differing is not None and is_detail(differing.witness):
            seeds = [*seeds, differing.witness]
        found = examples(seeds, pattern, rules, self._new)
        for detail, event in islice(found, _MOST_EXAMPLES):
            refusal = refusal_of(model, event)
            if refusal is not None and self._is_new(detail, refusal):
                reason = f"{model.__name__} refuses what the contract allows now: {refusal.text}"
                place = self._place(refusal)
                return [
                    Effect(
                        name,
                        "refuses-new",
                        Severity.BREAKS,
                        reason,
                        schema_pointer=place,
                        witness=detail,
                    )
                ]
        if self._is_open(reads, differing):
            return [_unproven(name, f"it is not known whether {model.__name__} reads every event")]
        return []

    def _earlier(self, subscriber: Subscriber, model: type[BaseModel]) -> list[Effect]:
        """Events of the old contract that are still under way, where the model is the new one."""
        judged = self._judged(self._old.schema, self._new.schema)
        detail = judged.witness
        event = as_event(detail, self._old) if is_detail(detail) else None
        refusal = None if event is None else refusal_of(model, event)
        if refusal is None or not is_detail(detail):
            return []
        version = self._old.contract.version
        reason = f"{model.__name__} refuses events of version {version}: {refusal.text}"
        return [
            Effect(
                subscriber.subscription.name,
                "refuses-earlier",
                Severity.WARNS,
                reason,
                schema_pointer=judged.pointer,
                witness=detail,
            )
        ]

    def _known_seeds(self) -> list[Detail]:
        """An event that only the new contract allows, and one that it allows at all."""
        if self._seeds is None:
            only = self._judged(self._new.schema, self._old.schema)
            some = self._judged(self._new.schema, False)
            self._seeds = [one.witness for one in (only, some) if is_detail(one.witness)]
        return self._seeds

    def _is_open(self, reads: Mapping[str, object] | None, differing: Compatibility | None) -> bool:
        """Whether the model may refuse more than before, though no example shows it."""
        if reads is None or differing is None or differing.verdict is Verdict.UNKNOWN:
            return True
        if differing.verdict is Verdict.COMPATIBLE:
            return False
        return self._judged(self._old.schema, reads).verdict is Verdict.COMPATIBLE

    def _judged(
        self, writes: Mapping[str, object], reads: Mapping[str, object] | bool
    ) -> Compatibility:
        # What a contract does not declare is not sent: otherwise each member that it no longer
        # declares could hold anything, and break every model that still knows it.
        return compatibility(writes, reads, profile="registry", seconds=self._seconds)

    def _is_new(self, detail: Detail, refusal: Refusal) -> bool:
        """Whether the change is to blame: what both contracts allow was refused before, too."""
        if not self._old.fits(detail):
            return True
        before, after = self._old.member(refusal.path), self._new.member(refusal.path)
        return not before.formats <= after.formats

    def _place(self, refusal: Refusal) -> str | None:
        return in_detail(self._new.member(refusal.path).pointer) if refusal.path else None


def _with_dialect(schema: Mapping[str, object] | None) -> Mapping[str, object] | None:
    return None if schema is None else {"$schema": _DIALECT, **schema}


def _unproven(name: str, reason: str) -> Effect:
    return Effect(name, "unproven", Severity.WARNS, reason)
