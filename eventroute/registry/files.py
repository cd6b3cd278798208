"""A registry on disk: one JSON Schema file a version, at ``ROOT/TOPIC/TYPE/VERSION.json``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventroute.contract import Contract, schema_text
from eventroute.dialects import contract_in, is_event_document
from eventroute.errors import (
    ContractConflictError,
    ContractError,
    ContractNotFoundError,
)
from eventroute.registry.bundling import bundled
from eventroute.registry.disk import read_schema, refuse_case_twins, write_new
from eventroute.registry.drafts import DRAFT, Drafts
from eventroute.registry.file_names import from_file_name, nearest_name, to_file_name
from eventroute.registry.lookup import Index, choose_version
from eventroute.registry.proven import Proven
from eventroute.registry.sameness import SECONDS, same_events
from eventroute.registry.together import Together, gathered

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.event_type import EventType
    from eventroute.registry.bundling import Lookup
    from eventroute.registry.validation import Checker

__all__ = ["FileRegistry"]

MAX_VERSION: Final = 999_999_999
_Key = tuple[str, str, int]
_Strays = dict[tuple[str, str], str]
"""What is wrong, by the topic and type that it is wrong for."""
_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")
_MISNAMED: Final = re.compile(r"v?0*([1-9][0-9]{0,8})", re.IGNORECASE)


class FileRegistry:
    """Contracts as plain JSON Schema files, to be reviewed and versioned like code.

    Files are listed once, and each is read and compiled once, so that checking an event costs no
    I/O; :meth:`reload` forgets what was read. What this object registers it sees at once.

    :param root: the folder; :meth:`register` creates it.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root: Final = Path(root)
        self._found: tuple[Index, _Strays] | None = None
        self._contracts: dict[_Key, Contract] = {}
        self._checkers: dict[_Key, Checker] = {}
        self._proven = Proven(self, self._where)

    def __repr__(self) -> str:
        return f"FileRegistry({str(self.root)!r})"

    def path_of(self, topic: str, type: str, version: int) -> Path:  # noqa: A002
        """Where a contract lies, whether or not it exists. Never outside the root.

        :raises ContractError: a name is too long for a file name, or the version is not a whole
            number from 1 to 999,999,999.
        """
        number: object = version
        if (
            isinstance(number, bool)
            or not isinstance(number, int)
            or not 1 <= number <= MAX_VERSION
        ):
            raise ContractError(
                f"the version of {type[:128]!r} must be a whole number from 1 to {MAX_VERSION}, "
                f"not {str(number)[:100]!r}"
            )
        return self.root / to_file_name(topic) / to_file_name(type) / f"{version}.json"

    def register(self, source: Contract | EventType | type[BaseModel]) -> Contract:
        """Write the contract's file.

        Where a schema that the same events fit lies there already, it stays as it is.

        :returns: what is registered now.
        :raises ContractConflictError: the version has another schema already, or a folder differs
            from the new one in upper and lower case only, which some file systems cannot hold.
        :raises ContractError: the schema or a name cannot be used.
        :raises DeclarationError: the model is not an event type, or has no JSON Schema.
        """
        return self.register_all([source])[0]

    def register_all(
        self,
        sources: Iterable[Contract | EventType | type[BaseModel]],
        *,
        seconds: float = SECONDS,
    ) -> list[Contract]:
        """Write contracts that may refer to each other. No file is written where one is refused.

        :param seconds: how long the proof may take that the same events fit a schema that is there
            already, for each contract.
        :raises ContractConflictError: as :meth:`register` says.
        :raises ContractError: a schema or a name cannot be used, or a file cannot be written;
            those before it are then.
        :raises DeclarationError: a model is not an event type, or has no JSON Schema.
        """
        new = gathered(sources, seconds=seconds)
        paths = {key: self.path_of(*key) for key in new}
        texts = {key: schema_text(contract) for key, contract in new.items()}
        together = Together(new, self)
        proven = Proven(together, "the contract {}".format)
        checkers = {key: proven.checker(contract) for key, contract in new.items()}
        refuse_case_twins(paths.values())
        for key, contract in new.items():
            path = paths[key]
            if path.exists():
                _kept(path, contract, texts[key], together, seconds)
        for key, contract in new.items():
            path = paths[key]
            try:
                written = not path.exists() and write_new(path, texts[key])
            except OSError as error:
                raise ContractError(f"{path} cannot be written: {error.strerror}") from error
            kept = contract if written else _kept(path, contract, texts[key], together, seconds)
            self._found = None
            self._contracts[key] = kept
            self._checkers[key] = checkers[key]
        return [self._contracts[key] for key in new]

    def versions(self, topic: str, type: str) -> tuple[int, ...]:  # noqa: A002
        """See :class:`~eventroute.registry.Registry`.

        :raises ContractNotFoundError: the root does not exist.
        :raises ContractError: a file or folder of the type is not named as the registry names it.
        """
        return self._listed(topic, type).get((topic, type), ())

    def get(self, topic: str, type: str, version: int | None = None) -> Contract:  # noqa: A002
        """See :class:`~eventroute.registry.Registry`.

        :raises ContractError: the file is not a JSON object, or a file or folder of the type is
            not named as the registry names it.
        """
        chosen = choose_version(self._listed(topic, type), topic, type, version, str(self.root))
        key = (topic, type, chosen)
        if key not in self._contracts:
            self._contracts[key] = _read(self.path_of(*key), topic, type)
        return self._contracts[key]

    def __iter__(self) -> Iterator[Contract]:
        """Every contract, by topic, type and version."""
        index, strays = self._scanned()
        for topic, type_ in sorted({*index, *strays}):
            for version in self.versions(topic, type_):
                yield self.get(topic, type_, version)

    def validate(self, event: Event, version: int | None = None) -> None:
        """See :class:`~eventroute.registry.Registry`."""
        contract = self.get(event.source, event.detail_type, version)
        key = (contract.topic, contract.type, contract.version)
        if key not in self._checkers:
            self._checkers[key] = self._proven.checker(contract)
        self._checkers[key].check(event.detail)

    def checked(self) -> list[Contract]:
        """Every contract, with what it refers to inside, where events can be checked against all.

        :raises ContractError: naming the file.
        """
        proven = self._proven
        return [replace(one, schema=proven.checker(one, fast=False).schema) for one in self]

    @property
    def drafts(self) -> Drafts:
        """Contracts that nobody has accepted yet, beside the versions of their type."""
        return Drafts(self)

    def reload(self) -> None:
        """Forget what was read, so that files that others wrote are seen."""
        self._found = None
        self._contracts.clear()
        self._checkers.clear()
        self._proven = Proven(self, self._where)

    def _where(self, contract: Contract) -> str:
        return str(self.path_of(contract.topic, contract.type, contract.version))

    def _listed(self, topic: str, type_: str) -> Index:
        index, strays = self._scanned()
        if (topic, type_) in strays:
            raise ContractError(strays[topic, type_])
        return index

    def _scanned(self) -> tuple[Index, _Strays]:
        if self._found is None:
            self._found = _scan(self.root)
        return self._found


def _scan(root: Path) -> tuple[Index, _Strays]:
    """List every version; what is out of place is kept for who asks for its topic and type."""
    if not root.is_dir():
        raise ContractNotFoundError(
            f"the registry folder {root} does not exist; correct the path, or register a contract"
        )
    index: Index = {}
    strays: _Strays = {}
    for topic in _folders(root):
        for type_ in _folders(topic):
            files = sorted(file for file in type_.glob("[!.]*.json") if file.name != DRAFT)
            if not files:
                continue
            try:
                key = from_file_name(topic.name), from_file_name(type_.name)
            except ContractError as error:
                strays[nearest_name(topic.name), nearest_name(type_.name)] = f"{type_}: {error}"
                continue
            try:
                index[key] = tuple(sorted(map(_version, files)))
            except ContractError as error:
                strays[key] = str(error)
    return index, strays


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _version(path: Path) -> int:
    if not _VERSION.fullmatch(path.stem):
        raise ContractError(f"{path} is not named after a version; {_naming(path)}")
    return int(path.stem)


def _naming(path: Path) -> str:
    """What to do about a misnamed file, such that nobody who does it overwrites a version."""
    move = "move it out of the registry"
    number = _MISNAMED.fullmatch(path.stem)
    if number is None:
        others = any(_VERSION.fullmatch(one.stem) for one in path.parent.glob("*.json"))
        return move if others else f"name it 1.json, or {move}"
    name = f"{number[1]}.json"
    if (path.parent / name).exists():
        return f"{name} is there already: {move}"
    return f"name it {name}, or {move}"


def _read(path: Path, topic: str, type_: str) -> Contract:
    schema = read_schema(path)
    version = int(path.stem)
    if is_event_document(schema):
        return contract_in(schema, topic=topic, type=type_, version=version, where=str(path))
    return Contract(topic, type_, version, schema)


def _kept(path: Path, contract: Contract, text: str, registry: Lookup, seconds: float) -> Contract:
    """The contract of a file, if the same events fit it."""
    found = _read(path, contract.topic, contract.type)
    if schema_text(found) == text:
        return contract
    whole = bundled(found, registry), bundled(contract, registry)
    if not same_events(*whole, seconds=seconds):
        raise ContractConflictError(
            f"{path} holds another schema for {contract}, and what was sent under it "
            "stays; raise the version"
        )
    return found
