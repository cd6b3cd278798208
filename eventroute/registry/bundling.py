"""One self-contained schema of a contract that refers to others.

What is referred to is copied into ``$defs``, once, and references lead there. Nothing is ever
fetched: a contract refers to others of its registry, by their addresses, and to nothing else.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, unquote

from eventroute.dialects.keywords import map_subschemas, subschemas
from eventroute.errors import ContractError, ContractNotFoundError
from eventroute.jsontext import pointer, value_at
from eventroute.registry.addresses import Address, parse_address
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract import Contract

__all__ = ["MAX_CONTRACTS", "Lookup", "bundled"]

MAX_CONTRACTS: Final = 1000
"""Most contracts that one contract may draw in."""

_DEFAULT: Final = "https://json-schema.org/draft/2020-12/schema"
_MODERN: Final = ("draft/2019-09/", "draft/2020-12/")
_DYNAMIC: Final = ("$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef")
_Key = tuple[str, str, int]


class Lookup(Protocol):
    """Where other contracts are found, such as a :class:`~eventroute.registry.Registry`."""

    def get(self, topic: str, type: str, version: int) -> Contract:  # noqa: A002
        """One contract.

        :raises ContractNotFoundError: there is none.
        """
        ...


def bundled(contract: Contract, registry: Lookup) -> Mapping[str, object]:
    """Return the contract's schema with all that it refers to inside.

    A schema that refers to no other contract is returned as it is. Contracts may refer to each
    other in a circle.

    :param registry: the one that the contract is from.
    :raises ContractError: a reference leads to no contract of the registry, or to no place in it;
        or contracts of two drafts refer to each other, or to more than 1,000 others.
    """
    if not _leads_out(contract.schema):
        return contract.schema
    try:
        return _Bundle(contract, registry).schema()
    except RecursionError:
        raise ContractError(
            f"the contract {contract} is nested too deeply for a JSON Schema"
        ) from None


def _leads_out(schema: Mapping[str, object]) -> bool:
    seen: set[int] = set()
    pending: list[object] = [schema]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        if is_object(value):
            seen.add(id(value))
            reference = value.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                return True
            pending.extend(value.values())
        elif is_array(value):
            seen.add(id(value))
            pending.extend(value)
    return False


class _Document:
    """One contract on its way into the bundle.

    :ivar home: the pointer, as a URI fragment, to which it is copied; ``""`` for the outermost.
    """

    def __init__(self, contract: Contract, home: str) -> None:
        self.contract = contract
        self.schema = contract.schema
        self.home = home
        self.where = f"the contract {contract}"
        self.dialect = _dialect_of(contract.schema)
        self.id_keyword = "id" if "draft-04" in self.dialect else "$id"
        self._anchors: dict[str, str] | None = None

    @property
    def anchors(self) -> dict[str, str]:
        """The pointer of each place that has a name of its own."""
        if self._anchors is None:
            self._anchors = {}
            pending: list[tuple[str, object]] = [("", self.schema)]
            while pending:
                place, schema = pending.pop()
                if not is_object(schema):
                    continue
                anchor, own = schema.get("$anchor"), schema.get(self.id_keyword)
                if isinstance(anchor, str):
                    self._anchors[anchor] = place
                if isinstance(own, str) and own.startswith("#"):
                    self._anchors[own[1:]] = place
                pending.extend((place + pointer(*way), one) for way, one in subschemas(schema))
        return self._anchors

    def new_base(self, schema: Mapping[str, object]) -> bool:
        """Whether references below mean other places than those above."""
        own = schema.get(self.id_keyword)
        return isinstance(own, str) and not own.startswith("#")


class _Bundle:
    def __init__(self, contract: Contract, registry: Lookup) -> None:
        self._registry = registry
        self._root = _Document(contract, "")
        self._container = "$defs" if _is_modern(self._root.dialect) else "definitions"
        existing = contract.schema.get(self._container)
        self._names: set[str] = set(existing) if is_object(existing) else set()
        self._documents: dict[_Key, _Document] = {_key(contract): self._root}
        self._queue: deque[tuple[str, _Document]] = deque()

    def schema(self) -> dict[str, Any]:
        """The whole."""
        result: dict[str, Any] = self._rewritten(self._root.schema, self._root, (), based=False)
        inner: dict[str, Any] = {}
        while self._queue:
            name, document = self._queue.popleft()
            # Of what refers by the document's own base nothing may be left, for it loses that.
            based = document.new_base(document.schema)
            inner[name] = self._rewritten(document.schema, document, (), based=based)
        if inner:
            known = result.get(self._container)
            result[self._container] = (known if is_object(known) else {}) | inner
        return result

    def _rewritten(
        self,
        schema: object,
        document: _Document,
        way: tuple[str | int, ...],
        *,
        based: bool,
    ) -> Any:  # noqa: ANN401  a schema
        if not is_object(schema):
            return schema
        if document is not self._root:
            schema = self._movable(schema, document, way)
        else:
            based = based or document.new_base(schema)
        copy = map_subschemas(
            schema, lambda one, step: self._rewritten(one, document, (*way, *step), based=based)
        )
        reference = schema.get("$ref")
        if isinstance(reference, str):
            copy["$ref"] = self._target(reference, document, way, based=based)
        return copy

    def _movable(
        self, schema: dict[str, Any], document: _Document, way: tuple[str | int, ...]
    ) -> dict[str, Any]:
        """Without the names that would mean something else, or nothing, in another document."""
        for keyword in _DYNAMIC:
            if keyword in schema:
                raise ContractError(
                    f"{document.where} is referred to by {self._root.contract}, but has a "
                    f"{keyword} at {pointer(*way) or 'its top'}, which depends on the document; "
                    "use $ref"
                )
        if way and document.new_base(schema):
            raise ContractError(
                f"{document.where} is referred to by {self._root.contract}, but has an "
                f"{document.id_keyword} at {pointer(*way)}; remove it, and refer to the place by "
                "its pointer"
            )
        dropped = {"$anchor", *(() if way else ("$schema",))}
        if isinstance(schema.get(document.id_keyword), str):
            dropped.add(document.id_keyword)
        return {keyword: value for keyword, value in schema.items() if keyword not in dropped}

    def _target(
        self, reference: str, document: _Document, way: tuple[str | int, ...], *, based: bool
    ) -> str:
        place = f"{document.where}, at {pointer(*way) or 'its top'}: the $ref {reference[:200]!r}"
        if reference.startswith("#"):
            if document is self._root:
                return reference  # which is checked when the whole is
            return self._fragment(document, unquote(reference[1:]), place)
        if based and document is self._root:
            return reference  # perhaps to a part of the same document that has an $id
        if based:
            raise ContractError(
                f"{place} means a place beside its {document.id_keyword}, and nothing is fetched; "
                f"remove the {document.id_keyword}"
            )
        address = parse_address(reference)
        if address is None:
            raise ContractError(
                f"{place} leads out of the registry, and nothing is fetched; refer to another "
                'contract as "/TOPIC/TYPE/VERSION", percent-encoded, or copy what it means into '
                f'"{self._container}" and refer to it as "#/{self._container}/NAME"'
            )
        return self._fragment(self._drawn_in(address, place), address.fragment, place)

    def _drawn_in(self, address: Address, place: str) -> _Document:
        key = address.topic, address.type, address.version
        if key in self._documents:
            return self._documents[key]
        try:
            contract = self._registry.get(*key)
        except ContractNotFoundError as error:
            raise ContractError(f"{place} leads to no contract: {error}") from None
        if len(self._documents) >= MAX_CONTRACTS:
            raise ContractError(
                f"{place} is one too many: {self._root.contract} draws in more than "
                f"{MAX_CONTRACTS:,} contracts; put definitions that belong together into one"
            )
        name = self._free_name(contract)
        document = _Document(contract, f"/{self._container}/{name}")
        if document.dialect != self._root.dialect:
            raise ContractError(
                f"{place} leads to a contract in the dialect {document.dialect!r}, but "
                f"{self._root.contract} is in {self._root.dialect!r}; write both in one"
            )
        self._documents[key] = document
        self._queue.append((name, document))
        return document

    def _fragment(self, document: _Document, fragment: str, place: str) -> str:
        """The same place where the document is copied to."""
        found = fragment
        if fragment and not fragment.startswith("/"):
            if fragment not in document.anchors:
                raise ContractError(f"{place} leads to no {fragment!r} in it; correct it")
            found = document.anchors[fragment]
        if not _leads_somewhere(document.schema, found):
            raise ContractError(f"{place} leads nowhere; correct it")
        return f"#{document.home}{quote(found, safe='/~!$&()*+,;=:@')}"

    def _free_name(self, contract: Contract) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", f"{contract.type}.{contract.version}")
        name, count = plain, 1
        while name in self._names:
            count += 1
            name = f"{plain}_{count}"
        self._names.add(name)
        return name


def _leads_somewhere(schema: object, place: str) -> bool:
    try:
        found = value_at(schema, place)
    except LookupError:
        return False
    return is_object(found) or isinstance(found, bool)


def _dialect_of(schema: Mapping[str, object]) -> str:
    return str(schema.get("$schema", _DEFAULT)).rstrip("#")


def _is_modern(dialect: str) -> bool:
    return any(draft in dialect for draft in _MODERN)


def _key(contract: Contract) -> _Key:
    return contract.topic, contract.type, contract.version
