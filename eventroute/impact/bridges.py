"""Declared casts between versions that are not compatible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eventroute.casts import chains_to
from eventroute.impact.models import Refusal, cast_refusal, tried
from eventroute.registry import as_contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.casts import Cast
    from eventroute.event_type import EventType
    from eventroute.registry import Contract

__all__ = ["Bridges"]


class Bridges:
    """The casts of an application's event types, asked which versions they lead between."""

    def __init__(self, declared: Iterable[EventType]) -> None:
        self._types: dict[tuple[str, str, int], EventType] = {}
        pending = list(declared)
        while pending:
            one = pending.pop()
            key = (one.topic, one.name, one.version)
            if key not in self._types:
                self._types[key] = one
                pending.extend(cast.source for cast in one.casts)

    def between(self, writer: Contract, reader: Contract) -> tuple[Cast, ...]:
        """The casts from events of the one version to the model of the other; none, where none."""
        target = self._types.get((reader.topic, reader.type, reader.version))
        return () if target is None else chains_to(target).get(writer.version, ())

    def declare(self, contract: Contract) -> bool:
        """Whether there is a model of the contract's type, which a cast could read or give."""
        name = (contract.topic, contract.type)
        return any((topic, type_) == name for topic, type_, _ in self._types)

    def writer(self, contract: Contract) -> EventType | None:
        """The event type that is declared for this contract, where the same events fit both."""
        declared = self._types.get((contract.topic, contract.type, contract.version))
        if declared is None or as_contract(declared).schema != contract.schema:
            return None
        return declared

    def carry(self, witness: object, writer: Contract, reader: Contract) -> bool:
        """Whether casts lead from the one version to the other, also of this very event."""
        chain = self.between(writer, reader)
        return bool(chain) and not self.failure(witness, writer, reader)

    def failure(self, witness: object, writer: Contract, reader: Contract) -> str:
        """How the casts between two versions fail on an event; ``""`` where they do not."""
        chain = self.between(writer, reader)
        if not chain:
            return ""
        text = json.dumps(witness).encode()
        made = tried(lambda: chain[0].source.decode(text))
        if isinstance(made, Refusal):
            model = chain[0].source.model.__name__
            return f"{chain[0]} is not given it: {model} refuses it, {made.text}"
        refusal = cast_refusal(chain, made)
        return "" if refusal is None else refusal.text
