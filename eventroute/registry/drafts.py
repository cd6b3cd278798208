"""Drafts: contracts that nobody has accepted yet, at ``ROOT/TOPIC/TYPE/draft.json``.

A draft is no version: nothing is checked against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractError, ContractNotFoundError
from eventroute.registry.bundling import bundled
from eventroute.registry.contract import Contract, as_contract, schema_text
from eventroute.registry.disk import read_schema, refuse_case_twins, replace
from eventroute.registry.file_names import from_file_name
from eventroute.registry.inference import SAMPLES
from eventroute.registry.validation import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from eventroute.event_type import EventType
    from eventroute.registry.files import FileRegistry

__all__ = ["DRAFT", "Drafts"]

DRAFT: Final = "draft.json"


class Drafts:
    """The drafts of a registry on disk, one for each topic and type at most.

    The version of a draft is the one that it would become.

    :param registry: where accepted drafts go.
    """

    def __init__(self, registry: FileRegistry) -> None:
        self._registry: Final = registry

    def path_of(self, topic: str, type: str) -> Path:  # noqa: A002  the domain's word
        """Where a draft lies, whether or not it exists."""
        return self._registry.path_of(topic, type, 1).with_name(DRAFT)

    def save(self, source: Contract | EventType | type[BaseModel]) -> Contract:
        """Write a draft in place of the one that is there; whatever version it has.

        :raises ContractError: the schema or a name cannot be used, or the file not be written.
        :raises DeclarationError: the model is not an event type, or has no JSON Schema.
        """
        given = as_contract(source)
        contract = self._contract(given.topic, given.type, given.schema)
        path = self.path_of(contract.topic, contract.type)
        text = schema_text(contract)
        Checker(bundled(contract, self._registry), f"the draft of {contract.topic}/{contract.type}")
        refuse_case_twins(path)
        try:
            replace(path, text)
        except OSError as error:
            raise ContractError(f"{path} cannot be written: {error.strerror}") from error
        return contract

    def get(self, topic: str, type: str) -> Contract:  # noqa: A002  the domain's word
        """The draft of an event type.

        :raises ContractNotFoundError: there is none.
        :raises ContractError: the file is not a JSON object.
        """
        path = self.path_of(topic, type)
        if not path.is_file():
            raise ContractNotFoundError(
                f"{topic[:128]!r} has no draft of {type[:128]!r} in {self._registry.root}; infer "
                "one, or correct the name"
            )
        return self._contract(topic, type, read_schema(path))

    def __iter__(self) -> Iterator[Contract]:
        """Every draft, by topic and type.

        :raises ContractError: one cannot be read, or lies in a folder that the registry names
            otherwise.
        """
        found = self._registry.root.glob(f"[!.]*/[!.]*/{DRAFT}")
        for topic, type_ in sorted(map(_names, found)):
            yield self.get(topic, type_)

    def accept(self, topic: str, type: str) -> Contract:  # noqa: A002  the domain's word
        """Make a draft the next version, without the number of samples that it was inferred from.

        Where the latest version has the same schema there is no new one, and that is returned. The
        draft is gone afterwards.

        :raises ContractNotFoundError: there is no draft.
        :raises ContractError: it cannot be used.
        """
        draft = self.get(topic, type)
        schema = {name: value for name, value in draft.schema.items() if name != SAMPLES}
        contract = Contract(topic, type, draft.version, schema)
        if draft.version > 1:
            latest = self._registry.get(topic, type)
            if schema_text(latest) == schema_text(contract):
                contract = latest
        if contract.version == draft.version:
            contract = self._registry.register(contract)
        self.path_of(topic, type).unlink(missing_ok=True)
        return contract

    def _contract(self, topic: str, type_: str, schema: Mapping[str, object]) -> Contract:
        known = self._registry.versions(topic, type_) if self._registry.root.is_dir() else ()
        return Contract(topic, type_, known[-1] + 1 if known else 1, schema)


def _names(path: Path) -> tuple[str, str]:
    try:
        return from_file_name(path.parent.parent.name), from_file_name(path.parent.name)
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from None
