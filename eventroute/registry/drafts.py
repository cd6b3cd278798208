"""Drafts: contracts that nobody has accepted yet, at ``ROOT/TOPIC/TYPE/draft.json``.

A draft is no version: nothing is checked against it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractError, ContractNotFoundError
from eventroute.registry.bundling import bundled
from eventroute.registry.contract import Contract, as_contract, schema_text
from eventroute.registry.disk import read_schema, refuse_case_twins
from eventroute.registry.disk import replace as replace_file
from eventroute.registry.file_names import from_file_name
from eventroute.registry.inference import SAMPLES
from eventroute.registry.sameness import SECONDS, own_annotations, same_contract
from eventroute.registry.validation import Checker, refuse_invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from eventroute.event_type import EventType
    from eventroute.registry.files import FileRegistry

__all__ = ["DRAFT", "Drafts", "Proposal"]

DRAFT: Final = "draft.json"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What accepting a draft would give.

    :ivar draft: the draft, as it was read.
    :ivar contract: the next version, without the number of samples that it came from; or the latest
        one, where the same events fit that.
    """

    draft: Contract
    contract: Contract


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
        refuse_case_twins([path])
        try:
            replace_file(path, text)
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

    def propose(
        self,
        topic: str,
        type: str,  # noqa: A002  the domain's word
        *,
        seconds: float = SECONDS,
    ) -> Proposal:
        """Say what accepting a draft would give, as it is now.

        :param seconds: as for `known`.
        :raises ContractNotFoundError: there is no draft.
        :raises ContractError: it cannot be used.
        """
        draft = self.get(topic, type)
        plain = _plain(draft)
        refuse_invalid(plain.schema, str(self.path_of(topic, type)))
        return Proposal(draft, self.known(draft, seconds=seconds) or plain)

    def known(self, contract: Contract, *, seconds: float = SECONDS) -> Contract | None:
        """The latest version of the contract's type, if the same events fit that.

        :param seconds: how long the proof of that may take.
        :raises ContractError: the latest version cannot be used.
        """
        plain, registry = _plain(contract), self._registry
        if not registry.root.is_dir() or not registry.versions(plain.topic, plain.type):
            return None
        latest = registry.get(plain.topic, plain.type)
        same = schema_text(latest) == schema_text(plain) or same_contract(
            latest, plain, registry, registry, seconds=seconds
        )
        return latest if same else None

    def accept(self, topic: str, type: str) -> Contract:  # noqa: A002  the domain's word
        """Make a draft the next version, without the number of samples that it was inferred from.

        Where the same events fit the latest version there is no new one, and that is returned. The
        draft is gone afterwards; but one with annotations of its own (such as ``description``),
        which the latest version does not get, stays.

        :raises ContractNotFoundError: there is no draft.
        :raises ContractError: it cannot be used.
        """
        return self.accept_all([self.propose(topic, type)])[0]

    def accept_all(
        self, proposals: Iterable[Proposal], *, seconds: float = SECONDS
    ) -> list[Contract]:
        """Accept drafts that may refer to each other: all of them, or none where one is refused.

        What was proposed is registered; a draft saved since then is another one, and stays.

        :param proposals: what `propose` gave for each.
        :param seconds: as for :meth:`FileRegistry.register_all`.
        :raises ContractError: one cannot be used, or its version was registered meanwhile.
        """
        given = list(proposals)
        found = self._registry.register_all((one.contract for one in given), seconds=seconds)
        for one, contract in zip(given, found, strict=True):
            if not own_annotations(_plain(one.draft).schema, contract.schema):
                self._remove(one.draft)
        return found

    def _remove(self, draft: Contract) -> None:
        """Delete a draft, unless another one was saved in its place."""
        with suppress(ContractNotFoundError):
            if self.get(draft.topic, draft.type).schema == draft.schema:
                self.path_of(draft.topic, draft.type).unlink(missing_ok=True)

    def _contract(self, topic: str, type_: str, schema: Mapping[str, object]) -> Contract:
        known = self._registry.versions(topic, type_) if self._registry.root.is_dir() else ()
        return Contract(topic, type_, known[-1] + 1 if known else 1, schema)


def _plain(draft: Contract) -> Contract:
    schema = {name: value for name, value in draft.schema.items() if name != SAMPLES}
    return as_contract(replace(draft, schema=schema))


def _names(path: Path) -> tuple[str, str]:
    try:
        return from_file_name(path.parent.parent.name), from_file_name(path.parent.name)
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from None
