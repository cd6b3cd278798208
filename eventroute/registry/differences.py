"""How two collections of contracts differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from eventroute.contract import schema_text
from eventroute.errors import ContractNotFoundError
from eventroute.registry.sameness import SECONDS, same_contract, wording
from eventroute.registry.shared_time import SharedTime
from eventroute.registry.together import Together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.contract import Contract
    from eventroute.registry.bundling import Lookup

__all__ = ["Difference", "What", "differences"]

What: TypeAlias = Literal["missing here", "missing there", "differs", "same events"]


_NOT_KNOWN: Final = "whether other events fit is not known: there was no time to find out"


@dataclass(frozen=True, slots=True)
class Difference:
    """One contract that is not written alike on both sides.

    :ivar contract: ours, where both sides have it.
    :ivar what: ``"same events"``: it is one contract in two wordings, and nothing is to be done.
    :ivar how: how these differ, in a sentence, or why that is not known; ``""`` where nothing but
        an order does.
    """

    contract: Contract
    what: What
    how: str = ""


def differences(
    ours: Iterable[Contract],
    theirs: Iterable[Contract],
    *,
    registry: Lookup | None = None,
    seconds: float = 60.0,
) -> list[Difference]:
    """Compare two collections, such as a registry and a store; by topic, type and version.

    Schemas are alike where their canonical texts are: the order of members is no difference. Where
    the same events fit both, as where only descriptions differ, they are the same contract.

    :param registry: where contracts are found that are referred to and in neither collection.
    :param seconds: how long all comparisons together may take, in processor time; what is left
        then ``"differs"``, unless it is plain to see that it does not.
    :raises ContractError: a schema holds something that is not JSON.
    """
    here = {(one.topic, one.type, one.version): one for one in ours}
    there = {(one.topic, one.type, one.version): one for one in theirs}
    ones = Together(here, registry or _Nowhere())
    others = Together(there, ones)
    found: list[Difference] = []
    time, waiting = SharedTime(seconds), len(here.keys() & there.keys())
    for key in sorted({*here, *there}):
        if key not in here:
            found.append(Difference(there[key], "missing here"))
        elif key not in there:
            found.append(Difference(here[key], "missing there"))
        else:
            mine, other = here[key], there[key]
            if schema_text(mine) != schema_text(other):
                with time.part(waiting, least=SECONDS) as part:
                    same = same_contract(mine, other, ones, others, seconds=part)
                found.append(_compared(mine, other, same=same, known=not time.ran_out))
            waiting -= 1
    return found


def _compared(mine: Contract, other: Contract, *, same: bool, known: bool) -> Difference:
    if same:
        return Difference(mine, "same events", wording(mine.schema, other.schema))
    return Difference(mine, "differs", "" if known else _NOT_KNOWN)


class _Nowhere:
    """Finds nothing."""

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        raise ContractNotFoundError(f"no contract {topic}/{type}/{version}")
