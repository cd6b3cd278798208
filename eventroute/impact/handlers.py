"""Handlers whose models would refuse the events of a contract: shown by an event, or left open."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.errors import DeclarationError
from eventroute.impact.edges import edges
from eventroute.impact.effect import Effect, Severity
from eventroute.impact.examples import as_event, changed, examples, is_detail
from eventroute.impact.models import reader_of
from eventroute.impact.sendable import may_be_sent
from eventroute.impact.side import in_detail
from eventroute.registry import Verdict, compatibility
from eventroute.samples import plain_sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from eventroute.casts import Cast
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.envelope import Event
    from eventroute.impact.examples import Detail
    from eventroute.impact.models import Reader, Refusal
    from eventroute.impact.side import Side
    from eventroute.pattern import Pattern
    from eventroute.pattern.clause import SubRule
    from eventroute.registry import Compatibility

__all__ = ["Readers"]

_MOST_EXAMPLES: Final = 500

_Trial: TypeAlias = "tuple[type[object], tuple[Cast, ...], Pattern]"
_Refused: TypeAlias = "tuple[Detail, Refusal]"
_Compared: TypeAlias = "tuple[Mapping[str, object] | None, Compatibility | None]"


class Readers:
    """The handlers of an application, as readers of the events of a changed contract.

    :param seconds: how long one comparison of two schemas may take, and the trial of one model.
    :param writer: the model of the old contract, where it is known.
    """

    def __init__(
        self, old: Side, new: Side, seconds: float, writer: type[BaseModel] | None = None
    ) -> None:
        self._old = old
        self._new = new
        self._seconds = seconds
        self._writer = writer
        self._tried: dict[_Trial, _Refused | None] = {}
        self._seeds: list[Detail] | None = None
        self._compared: dict[type[object], _Compared] = {}

    def effects(self, subscriber: Subscriber, rules: Sequence[SubRule]) -> list[Effect]:
        """What a subscription's handler can no longer read.

        :param rules: the alternatives of its pattern that concern the events.
        """
        later = reader_of(subscriber, self._new.contract)
        earlier = reader_of(subscriber, self._old.contract)
        if later is None or earlier is None:
            return []
        if self._new.excludes(subscriber.subscription.pattern):
            return []
        name = subscriber.subscription.name
        try:
            subscriber.handler.check()
        except DeclarationError as error:
            return [_unproven(name, str(error))]
        if later.writes == self._new.contract.schema and not later.chain:
            return self._earlier(subscriber, earlier, rules)
        return self._later(subscriber, later, rules)

    def _later(
        self, subscriber: Subscriber, reader: Reader, rules: Sequence[SubRule]
    ) -> list[Effect]:
        """Events of the new contract that are refused, and that the old one did not allow."""
        name, pattern = subscriber.subscription.name, subscriber.subscription.pattern
        reads, differing = self._comparison(reader)
        seeds = self._known_seeds()
        if differing is not None and is_detail(differing.witness):
            seeds = [*seeds, differing.witness]
        before = self._refused_before(reader)
        own = reader.writes == self._new.contract.schema
        found = examples(seeds, pattern, rules, self._new, seconds=self._seconds)
        for detail, event in islice(found, _MOST_EXAMPLES):
            refusal = reader.refusal_of(event, read_surely=own)
            if refusal is None or refusal in before:
                continue
            if self._is_new(detail, refusal):
                what = f"{reader.model.__name__} refuses what the contract allows now"
                return [
                    Effect(
                        name,
                        "refuses-new",
                        Severity.BREAKS,
                        refusal.text if refusal.cast else f"{what}: {refusal.text}",
                        schema_pointer=self._place(refusal),
                        witness=detail,
                        remedy=self._downcast(reader),
                    )
                ]
        if not own and self._is_open(reads, differing):
            model = reader.model.__name__
            told = f"it is not known whether {model} reads every event"
            return [_unproven(name, f"{told}: {_doubt(differing)}")]
        return []

    def _downcast(self, reader: Reader) -> str:
        """The cast that would give a handler of an earlier version what it reads."""
        version = self._new.contract.version
        if reader.chain or reader.declared is None:
            return ""
        name = (self._new.contract.topic, self._new.contract.type)
        earlier = reader.declared.version
        if (reader.declared.topic, reader.declared.name) != name or earlier >= version:
            return ""
        return f"declare a @downcast from version {version} to version {earlier}"

    def _earlier(
        self, subscriber: Subscriber, reader: Reader, rules: Sequence[SubRule]
    ) -> list[Effect]:
        """Events of the old contract that are still under way, where the model is the new one.

        They are looked for where the contracts are compatible, too: a schema tells neither what
        validators refuse, nor that ``format`` is no annotation to a model.
        """
        name = subscriber.subscription.name
        judged = self._judged(self._old.schema, self._new.schema)
        detail = judged.witness
        event = as_event(detail, self._old) if is_detail(detail) else None
        refusal = None if event is None else reader.refusal_of(event)
        if refusal is not None and is_detail(detail):
            return [self._refuses_earlier(name, reader, refusal, judged.pointer, detail)]
        pattern = subscriber.subscription.pattern
        key = (reader.model, reader.chain, pattern)
        if key not in self._tried:
            self._tried[key] = self._refused_earlier(reader, pattern, rules)
        found = self._tried[key]
        if found is None:
            return []
        detail, refusal = found
        return [self._refuses_earlier(name, reader, refusal, self._place(refusal), detail)]

    def _refused_earlier(
        self, reader: Reader, pattern: Pattern, rules: Sequence[SubRule]
    ) -> _Refused | None:
        writer = reader.chain[0].source.model if reader.chain else self._writer
        for detail, event in self._earlier_examples(pattern, rules):
            refusal = reader.refusal_of(event)
            if refusal is not None and may_be_sent(event, refusal, self._old, writer):
                return detail, refusal
        return None

    def _earlier_examples(
        self, pattern: Pattern, rules: Sequence[SubRule]
    ) -> Iterator[tuple[Detail, Event]]:
        made = [plain_sample(self._old.schema, whole=whole) for whole in (False, True)]
        seeds = [one for one in made if is_detail(one)]
        others = (changed(seed, *edge) for seed in seeds[-1:] for edge in edges(self._old.schema))
        found = examples(
            seeds,
            pattern,
            rules,
            self._old,
            others=others,
            seconds=self._seconds,
        )
        return islice(found, _MOST_EXAMPLES)

    def _refuses_earlier(
        self, name: str, reader: Reader, refusal: Refusal, place: str | None, detail: Detail
    ) -> Effect:
        version = self._old.contract.version
        what = f"{reader.model.__name__} refuses events of version {version}"
        return Effect(
            name,
            "refuses-earlier",
            Severity.WARNS,
            refusal.text if refusal.cast else f"{what}: {refusal.text}",
            schema_pointer=place,
            witness=detail,
        )

    def _comparison(self, reader: Reader) -> _Compared:
        """What the model's schema is, and how it differs from that of the new contract."""
        if reader.model not in self._compared:
            reads = reader.reads()
            judged = None if reads is None else self._judged(self._new.schema, reads)
            self._compared[reader.model] = reads, judged
        return self._compared[reader.model]

    def _refused_before(self, reader: Reader) -> set[Refusal]:
        """What the model has against plain events of the old contract, and always had."""
        schema = self._old.schema
        made = [plain_sample(schema, whole=whole) for whole in (False, True)]
        fitting = [one for one in made if is_detail(one) and self._old.fits(one)]
        events = [as_event(one, self._old) for one in fitting]
        refusals = [reader.refusal_of(event) for event in events if event is not None]
        return {one for one in refusals if one is not None and not one.cast}

    def _known_seeds(self) -> list[Detail]:
        """An event that only the new contract allows, and some that it allows at all."""
        if self._seeds is None:
            schema = self._new.schema
            found = (
                self._judged(schema, self._old.schema).witness,
                plain_sample(schema, whole=False),
                plain_sample(schema, whole=True),
            )
            seeds = [one for one in found if is_detail(one)]
            if not any(map(self._new.fits, seeds)):
                some = self._judged(schema, False).witness
                seeds += [some] if is_detail(some) else []
            self._seeds = seeds
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
        if refusal.cast or not self._old.fits(detail):
            return True
        before, after = self._old.member(refusal.path), self._new.member(refusal.path)
        return not before.formats <= after.formats

    def _place(self, refusal: Refusal) -> str | None:
        return in_detail(self._new.member(refusal.path).pointer) if refusal.path else None


def _doubt(differing: Compatibility | None) -> str:
    """Why what a model reads is not known."""
    if differing is None:
        return "it has no JSON Schema"
    if differing.verdict is Verdict.UNKNOWN:
        return differing.reason
    place = differing.pointer or "its top"
    return f"by its schema it does not, at {place}, and no event was found that it refuses"


def _unproven(name: str, reason: str) -> Effect:
    return Effect(name, "unproven", Severity.WARNS, reason)
