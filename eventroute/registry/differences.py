"""How two collections of contracts differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from eventroute.contract import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.contract import Contract

__all__ = ["Difference", "What", "differences"]

What: TypeAlias = Literal["missing here", "missing there", "differs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One contract that is not the same on both sides.

    :ivar contract: ours, where both sides have it.
    """

    contract: Contract
    what: What


def differences(ours: Iterable[Contract], theirs: Iterable[Contract]) -> list[Difference]:
    """Compare two collections, such as a registry and a store; by topic, type and version.

    Schemas are the same where their canonical texts are: the order of members is no difference.

    :raises ContractError: a schema holds something that is not JSON.
    """
    here = {(one.topic, one.type, one.version): one for one in ours}
    there = {(one.topic, one.type, one.version): one for one in theirs}
    found: list[Difference] = []
    for key in sorted({*here, *there}):
        if key not in here:
            found.append(Difference(there[key], "missing here"))
        elif key not in there:
            found.append(Difference(here[key], "missing there"))
        elif schema_text(here[key]) != schema_text(there[key]):
            found.append(Difference(here[key], "differs"))
    return found
