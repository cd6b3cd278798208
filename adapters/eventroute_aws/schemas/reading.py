"""From what EventBridge keeps to contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.contract import Contract, schema_text
from eventroute.contract_store import Skipped, Stored
from eventroute.dialects import contract_in
from eventroute.errors import ContractError, JSONTextError
from eventroute.jsontext import parse
from eventroute_aws.schemas.names import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["collected", "read_version"]

_MAX_BYTES: Final = 1 << 20


def read_version(name: str, version: str, content: str) -> Contract | Skipped:
    """Read one version of a schema.

    What others wrote has no number of ours, and has that of EventBridge then.
    """
    try:
        document = parse(content, max_bytes=_MAX_BYTES)
    except JSONTextError as error:
        return Skipped(f"{name}, version {version}", str(error))
    if not isinstance(document, dict):
        return Skipped(f"{name}, version {version}", "it is no JSON object")
    number = int(version) if version.isdecimal() and int(version) > 0 else 1
    where = f"{name}, version {version}"
    try:
        return contract_in(document, unnumbered=number, where="the document")
    except ContractError as error:
        named = names_in(name)
        if named is None:
            return Skipped(where, str(error))
    try:
        topic, type_ = named
        return contract_in(
            document, topic=topic, type=type_, unnumbered=number, where="the document"
        )
    except ContractError as error:
        return Skipped(where, str(error))


def collected(found: Iterable[Contract | Skipped], topic: str | None = None) -> Stored:
    """Put together what was read; each version of a contract once."""
    contracts: dict[tuple[str, str, int], Contract] = {}
    skipped: list[Skipped] = []
    for one in found:
        if isinstance(one, Skipped):
            skipped.append(one)
            continue
        if topic is not None and one.topic != topic:
            continue
        known = contracts.setdefault((one.topic, one.type, one.version), one)
        if known is not one and schema_text(known) != schema_text(one):
            reason = "it is there twice, with two schemas; the one that was found first is taken"
            skipped.append(Skipped(str(one), reason))
    return Stored(tuple(contracts[key] for key in sorted(contracts)), tuple(skipped))
